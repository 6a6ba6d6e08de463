"""`nexasat generate`: a synthetic extract of any size, or one a month."""

import sys
import time
from datetime import date, datetime
from pathlib import Path

import click

from nexasat.generate import Progress, stream_extract, write_extract
from nexasat.generate_recipe import DEFAULT_CUSTOMERS, DEFAULT_SEED, FIRST_DATE, MOST_MONTHS
from nexasat.generate_series import month_dates, series_paths, write_series

QUIET = 2.0  # seconds before the first word of progress, and between two
EXAMPLES = """\b
Look at it:  nexasat generate --customers 5
Load it:     nexasat generate --customers 1000000 --output big.csv
             nexasat build --csv big.csv
A history:   nexasat generate --months 12 --output nexa.csv
             nexasat build --csv nexa-2023-07-31.csv --extract-date 2023-07-31
             nexasat build --csv nexa-2023-08-31.csv --extract-date 2023-08-31"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--customers",
    type=click.IntRange(min=1),
    default=DEFAULT_CUSTOMERS,
    show_default=True,
    help="Rows to make.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=DEFAULT_SEED,
    show_default=True,
    help="The same seed gives the same bytes.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path),
    default="-",
    help="File to write or replace; without it, or with '-', standard output.",
)
@click.option(
    "--months",
    type=click.IntRange(min=1, max=MOST_MONTHS),
    help="One extract a month instead, with its date in the name of the file: the customers grow "
    "older, leave, join, change use or plan.",
)
@click.option(
    "--first-date",
    type=click.DateTime(["%Y-%m-%d"]),
    default=FIRST_DATE,
    show_default=True,
    help="Day of the first of the months.",
)
def generate(
    customers: int, seed: int, output: Path, months: int | None, first_date: datetime
) -> None:
    """Make a synthetic extract that behaves like the published one, or one a month."""
    if months:
        _generate_series(customers, seed, output, month_dates(first_date.date(), months))
        return
    if str(output) != "-":
        write_extract(output, customers, seed, _progress(customers))
        click.echo(f"{output}: {customers:,} customers, seed {seed}", err=True)
        return
    rows_are_seen = sys.stdout.isatty()
    progress = (lambda _: None) if rows_are_seen else _progress(customers)
    stream_extract(sys.stdout.buffer, customers, seed, progress)


def _generate_series(customers: int, seed: int, output: Path, dates: list[date]) -> None:
    """Writes one file for each date and names them."""
    if str(output) == "-":
        raise click.UsageError("--months needs --output FILE; the dates are put into its name")
    paths = series_paths(output, dates)
    write_series(paths, customers, seed, _progress(customers))
    for path in paths:
        click.echo(f"{path}: month of a series of {customers:,} customers, seed {seed}", err=True)


def _progress(customers: int) -> Progress:
    """Tells on standard error how far it is, every `QUIET` seconds."""
    next_word = time.monotonic() + QUIET

    def tell(done: int) -> None:
        nonlocal next_word
        if time.monotonic() >= next_word and done < customers:
            click.echo(f"{done:,} of {customers:,} customers", err=True)
            next_word = time.monotonic() + QUIET

    return tell
