"""`nexasat check`: what a load of a file would bring, without loading it."""

from pathlib import Path

import click

from nexasat import judging, server, warehouse
from nexasat.commands.server import say
from nexasat.dbt_runner import Dbt
from nexasat.extract_file import open_extract
from nexasat.settings import find_settings
from nexasat.text_table import text_table


@click.command(epilog="Example:  nexasat check july.csv")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Judge the CSV FILE by the rules of the next build; load nothing, change nothing.

    Says how many rows would be accepted, and the reasons against the others. A file that cannot be
    loaded as a whole ends with exit code 3, as `nexasat load` does.
    """
    with open_extract(file) as extract:
        settings = find_settings()
        parameters = server.server_parameters(settings, say)
        rules = Dbt(settings, parameters).compile(judging.RULES)
        with warehouse.connect(parameters) as connection:
            verdict = judging.judge(connection, extract, rules, say)
    click.echo(
        f"{file}: {verdict.delivered_rows:,} rows, {verdict.accepted_rows:,} would be accepted, "
        f"{verdict.rejected_rows:,} rejected; nothing was changed"
    )
    if verdict.reasons:
        click.echo(reasons_table(verdict.reasons))


def reasons_table(reasons: list[judging.Reason]) -> str:
    """The reasons with their counts; a row can have several."""
    rows = [[each.reason, f"{each.refused_rows:,}", f"{each.first_line:,}"] for each in reasons]
    return "\n" + text_table(["reason", "rows", "first line"], rows)
