"""`nexasat rejects`: the rows that were refused, and the way back for them."""

from pathlib import Path

import click

from nexasat import judging, server, warehouse
from nexasat import rejects as rejected
from nexasat.commands.server import say
from nexasat.settings import find_settings
from nexasat.text_table import text_table

LONGEST = 100  # characters of a row that are shown
EXAMPLES = """\b
See them:      nexasat rejects
Mend them:     nexasat rejects --export mend.csv
Give back:     nexasat rejects reload mend.csv, then nexasat build"""
ROWS = """
    select file_name, file_line_number, reasons, raw_record
    from marts.fct_rejected_rows order by line_number limit %s
"""


@click.group(invoke_without_command=True, epilog=EXAMPLES)
@click.option(
    "--limit", type=click.IntRange(min=0), default=20, show_default=True, help="Rows to show."
)
@click.option(
    "--export",
    "export_file",
    type=click.Path(path_type=Path),
    help="Write all rejected rows, with their reasons, to this CSV file instead.",
)
@click.pass_context
def rejects(context: click.Context, limit: int, export_file: Path | None) -> None:
    """Show the rejected rows of the extract in force: reasons with counts, then rows."""
    if context.invoked_subcommand:
        return
    parameters = server.server_parameters(find_settings(), say)
    with warehouse.connect(parameters) as connection:
        if export_file:
            count = rejected.export(connection, export_file)
            say(
                f"{export_file}: {count:,} rejected rows; mend them there in the columns from "
                f"customer_id on, then nexasat rejects reload {export_file}"
            )
            return
        rejected.require_judged(connection)
        reasons = judging.reasons_of(connection, "marts.fct_rejected_rows")
        rows = warehouse.fetch(connection, ROWS, [limit])
    if not reasons:
        click.echo("no row was rejected")
        return
    counts = [[each.reason, f"{each.refused_rows:,}"] for each in reasons]
    click.echo(text_table(["reason", "rows"], counts))
    for row in rows:
        click.echo(f"\n{row['file_name']}:{row['file_line_number']}  {row['reasons']}")
        click.echo(f"    {row['raw_record'][:LONGEST]}")


@rejects.command()
@click.argument("file", type=click.Path(path_type=Path))
def reload(file: Path) -> None:
    """Put the mended rows of FILE in place of the rejected ones; the next build judges them.

    FILE is one that --export wrote. Rows that come back unchanged, or not at all, stay rejected.
    """
    parameters = server.server_parameters(find_settings(), say)
    with warehouse.connect(parameters) as connection:
        done = rejected.reload(connection, file, say)
    say(
        f"{file}: {done.mended_rows:,} mended rows, {done.unchanged_rows:,} unchanged; the extract "
        f"has {done.load.delivered_rows:,} rows"
        + ("; next: nexasat build" * bool(done.mended_rows))
    )
