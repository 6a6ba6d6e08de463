"""`nexasat load`: an extract of the user's own, or back to the bundled one."""

import time
from datetime import datetime
from pathlib import Path

import click

from nexasat import loading, server, warehouse
from nexasat.column_mapping import read_mapping
from nexasat.commands.server import say
from nexasat.dbt_runner import run_dbt
from nexasat.extract_file import open_extracts
from nexasat.settings import find_settings

EXAMPLES = """\b
Load it:        nexasat load july.csv --extract-date 2023-07-31
Several files:  nexasat load north.csv.gz south.csv.gz
Other names:    nexasat load telco.csv --mapping telco.yml
Go back:        nexasat load --bundled"""

mapping_option = click.option(
    "--mapping",
    "mapping_file",
    type=click.Path(path_type=Path),
    help="A YAML file that renames columns and values; see examples/telco_mapping.yml.",
)


@click.command(epilog=EXAMPLES)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.option(
    "--extract-date",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day that the files describe; default today.",
)
@mapping_option
@click.option("--bundled", is_flag=True, help="Drop what was loaded: the bundled extract again.")
def load(
    files: tuple[Path, ...],
    extract_date: datetime | None,
    mapping_file: Path | None,
    bundled: bool,
) -> None:
    """Load CSV FILEs, which together are the extract, in place of the one in force.

    Encoding, delimiter and header are found out; .gz and .zip are unpacked. The files are loaded as
    a whole or not at all, and no value is judged: the next build does that and keeps the rows that
    it rejects, with the reasons, in marts.fct_rejected_rows. The same files again change nothing.
    """
    if bundled == bool(files) or (bundled and (extract_date or mapping_file)):
        raise click.UsageError("give FILEs, with or without options, or --bundled alone")
    mapping = read_mapping(mapping_file) if mapping_file else None
    with open_extracts(files, mapping) as extracts:
        for extract in extracts:
            say(f"{extract.path}: {extract.description}")
        settings = find_settings()
        parameters = server.server_parameters(settings, say)
        with warehouse.connect(parameters) as connection:
            if bundled:
                was_loaded = loading.unload(connection, say)
                say(
                    "the bundled extract is in force again; next: nexasat build"
                    if was_loaded
                    else "no file was loaded: the bundled extract is in force"
                )
                return
            start = time.monotonic()
            done = loading.load_extracts(
                connection,
                extracts,
                extract_date.date() if extract_date else None,
                say,
                lambda: run_dbt(settings, parameters, list(loading.MAKE_TABLES)),
            )
    seconds = time.monotonic() - start
    if any(extract.delivered_rows for extract in extracts):
        say(
            f"{done.file_name}: {done.delivered_rows:,} rows delivered in {seconds:.1f} s "
            f"({done.delivered_rows / seconds:,.0f} rows/s), extract of {done.extract_date}\n"
            "next: nexasat build (or dbt build); it judges the rows, and those it rejects are in "
            "marts.fct_rejected_rows with the reasons"
        )
