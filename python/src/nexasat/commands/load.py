"""`nexasat load`: an extract of the user's own, or back to the bundled one."""

import time
from datetime import datetime
from pathlib import Path

import click

from nexasat import loading, server, warehouse
from nexasat.commands.server import say
from nexasat.dbt_runner import run_dbt
from nexasat.extract_file import open_extract
from nexasat.settings import find_settings

EXAMPLES = """\b
Load it:   nexasat load july.csv --extract-date 2023-07-31
Go back:   nexasat load --bundled"""


@click.command(epilog=EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--extract-date",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day that the file describes; default today.",
)
@click.option("--bundled", is_flag=True, help="Drop what was loaded: the bundled extract again.")
def load(file: Path | None, extract_date: datetime | None, bundled: bool) -> None:
    """Load the CSV FILE in place of the extract in force.

    It is loaded as a whole or not at all, and no value is judged: the next build does that and
    keeps the rows that it rejects, with the reasons, in marts.fct_rejected_rows.
    """
    if bundled == (file is not None) or (bundled and extract_date):
        raise click.UsageError("give a FILE, with or without --extract-date, or --bundled alone")
    if file and not _is_pipe(file):
        with open_extract(file):
            pass  # a bad file is told of before a server is started for it
    settings = find_settings()
    parameters = server.server_parameters(settings, say)
    with warehouse.connect(parameters) as connection:
        if file is None:
            was_loaded = loading.unload(connection, say)
            say(
                "the bundled extract is in force again; next: nexasat build"
                if was_loaded
                else "no file was loaded: the bundled extract is in force"
            )
            return
        start = time.monotonic()
        done = loading.load_extract(
            connection,
            file,
            extract_date.date() if extract_date else None,
            say,
            lambda: run_dbt(settings, parameters, list(loading.MAKE_TABLES)),
        )
    say(
        f"{file}: {done.delivered_rows:,} rows delivered in {time.monotonic() - start:.1f} s, "
        f"extract of {done.extract_date}\n"
        "next: nexasat build (or dbt build); it judges the rows, and those it rejects are in "
        "marts.fct_rejected_rows with the reasons"
    )


def _is_pipe(file: Path) -> bool:
    """True for what can be read only once."""
    try:
        return file.is_fifo()
    except OSError:
        return False
