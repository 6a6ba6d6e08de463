"""`nexasat generate`: a synthetic extract of any size."""

import sys
import time
from pathlib import Path

import click

from nexasat.generate import Progress, stream_extract, write_extract
from nexasat.generate_recipe import DEFAULT_CUSTOMERS, DEFAULT_SEED

QUIET = 2.0  # seconds before the first word of progress, and between two
EXAMPLES = """\b
Look at it:  nexasat generate --customers 5
Load it:     nexasat generate --customers 1000000 --output big.csv
             nexasat build --csv big.csv"""


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
def generate(customers: int, seed: int, output: Path) -> None:
    """Make a synthetic extract that behaves like the published one."""
    if str(output) != "-":
        write_extract(output, customers, seed, _progress(customers))
        click.echo(f"{output}: {customers:,} customers, seed {seed}", err=True)
        return
    rows_are_seen = sys.stdout.isatty()
    progress = (lambda _: None) if rows_are_seen else _progress(customers)
    stream_extract(sys.stdout.buffer, customers, seed, progress)


def _progress(customers: int) -> Progress:
    """Tells on standard error how far it is, every `QUIET` seconds."""
    next_word = time.monotonic() + QUIET

    def tell(done: int) -> None:
        nonlocal next_word
        if time.monotonic() >= next_word and done < customers:
            click.echo(f"{done:,} of {customers:,} customers", err=True)
            next_word = time.monotonic() + QUIET

    return tell
