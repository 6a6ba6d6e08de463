"""`nexasat campaign`: draw a campaign, export it, and tell what became of it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path

import click

from nexasat import campaign_export, campaign_outcomes, campaigns, server, warehouse
from nexasat.commands.server import say
from nexasat.output_file import replacing, told_in_words
from nexasat.settings import find_settings
from nexasat.text_table import text_table

EXAMPLES = """\b
Draw:    nexasat campaign create may_upgrade --offer premium_upgrade_high_spend
Call:    nexasat campaign export may_upgrade --output may_upgrade.csv
Judge:   nexasat campaign load-outcomes may_upgrade outcomes.csv && nexasat build
         nexasat psql -c 'select * from marts.rpt_campaign_lift'"""


def _amount(below: int, decimals: int) -> Callable[[str], Decimal]:
    """The type of an option: a number above 0 and below a bound, with so many decimals at most."""

    def read(value: str) -> Decimal:
        try:
            number = Decimal(value)
            fits = 0 < number < below and round(number, decimals) == number
        except InvalidOperation:
            fits = False
        if not fits:
            raise click.BadParameter(
                f"{value!r} is not a number above 0 and below {below} with at most {decimals} "
                "decimals"
            )
        return number

    return read


@click.group(epilog=EXAMPLES)
def campaign() -> None:
    """Draw campaigns with a control group, export them, and measure what they bring.

    A campaign is drawn once and never changes; what it brought is in marts.rpt_campaign_lift after
    the next build.
    """


@campaign.command(epilog=EXAMPLES)
@click.argument("name")
@click.option("--offer", "offer_key", required=True, metavar="OFFER", help="Key of the offer.")
@click.option(
    "--holdout",
    type=_amount(1, 4),
    metavar="SHARE",
    help="Share of the customers that is control; default: campaign_holdout_share, 0.1.",
)
@click.option("--capacity", type=click.IntRange(min=1), help="Most customers to contact.")
@click.option(
    "--budget", type=_amount(10**12, 2), metavar="AMOUNT", help="Most money that contacts may cost."
)
@click.option("--salt", help="Makes the draw repeatable; default: a random one, which is kept.")
def create(
    name: str,
    *,
    offer_key: str,
    holdout: Decimal | None,
    capacity: int | None,
    budget: Decimal | None,
    salt: str | None,
) -> None:
    """Draw the campaign NAME from the candidates of an offer.

    Left out are customers on the do-not-contact list, those of another campaign of the last 90
    days, and the universal holdout. With a capacity or a budget the best candidates come first.
    """
    with _connection() as connection:
        plan = campaigns.Plan(name, offer_key, holdout, capacity, budget, salt)
        done = campaigns.create(connection, plan, say)
    arms = f"{done.treatment:,} customers to contact, {done.control:,} to compare with"
    if not done.is_new:
        say(f"campaign {name} is there already: {arms}; nothing was changed")
        return
    left_out = ", ".join(f"{count:,} {reason}" for reason, count in done.withheld.items())
    say(f"campaign {name}: {arms}; left out: {left_out or 'nobody'}")
    say(f"next: nexasat campaign export {name} --output {name}.csv")


@campaign.command("list")
def list_campaigns() -> None:
    """List all campaigns, the latest first."""
    with _connection() as connection:
        rows = campaigns.overview(connection)
    header = ["campaign", "offer", "extract", "treatment", "control", "outcomes"]
    click.echo(
        text_table(header, [[f"{value}" for value in row.values()] for row in rows]) or "none"
    )


@campaign.command(epilog=EXAMPLES)
@click.argument("name")
@click.option("--format", "file_format", type=click.Choice(["csv"]), default="csv")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    default="-",
    help="File to write or replace; without it, or with '-', standard output.",
)
def export(name: str, file_format: str, output: Path) -> None:
    """Write the customers of the campaign NAME who are to be contacted, for a CRM.

    The control is not in it, nor who has come on the do-not-contact list since. Text that a
    spreadsheet program would take for a formula has an apostrophe in front.
    """
    del file_format  # there is one
    with _connection() as connection:
        blocks = campaign_export.export(connection, name)
        if str(output) == "-":
            sys.stdout.buffer.writelines(blocks)
            return
        with told_in_words(str(output)), replacing(output) as file:
            file.writelines(blocks)
    say(f"{output}: campaign {name}")


@campaign.command(epilog="Example:  nexasat campaign load-outcomes may_upgrade outcomes.csv")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
def load_outcomes(name: str, file: Path) -> None:
    """Load what became of the customers of the campaign NAME, of both arms.

    FILE is CSV with the columns customer_id and converted (yes or no), and maybe churned (yes, no
    or empty) and revenue. It is loaded as a whole or not at all. Who is in no file counts as not
    converted.
    """
    with _connection() as connection:
        loaded = campaign_outcomes.load_outcomes(connection, name, file)
    say(f"{file}: {loaded:,} outcomes of campaign {name}; next: nexasat build")


@campaign.command(epilog="Example:  nexasat campaign do-not-contact objections.csv")
@click.argument("file", type=click.Path(path_type=Path))
def do_not_contact(file: Path) -> None:
    """Add the customers of FILE to the do-not-contact list.

    FILE is CSV with the column customer_id, and maybe reason.
    """
    with _connection() as connection:
        added, strangers = campaign_outcomes.add_no_contact(connection, file)
    say(f"{file}: {added:,} customers added, {strangers:,} of the file are in no extract")


@contextmanager
def _connection() -> Iterator[warehouse.Connection]:
    parameters = server.server_parameters(find_settings(), say)
    with warehouse.connect(parameters) as connection:
        yield connection
