"""`nexasat check`: what a load of files would bring, without loading them."""

from collections.abc import Sequence
from pathlib import Path

import click

from nexasat import judging, server, warehouse
from nexasat.column_mapping import read_mapping
from nexasat.commands.load import mapping_option
from nexasat.commands.server import say
from nexasat.copying import LoadedFile
from nexasat.dbt_runner import Dbt
from nexasat.extract_file import open_extracts
from nexasat.settings import find_settings
from nexasat.text_table import text_table


@click.command(epilog="Example:  nexasat check july.csv")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@mapping_option
def check(files: tuple[Path, ...], mapping_file: Path | None) -> None:
    """Judge CSV FILES by the rules of the next build; load nothing, change nothing.

    Says how many rows would be accepted, and the reasons against the others. A file that cannot be
    loaded as a whole ends with exit code 3, as `nexasat load` does.
    """
    mapping = read_mapping(mapping_file) if mapping_file else None
    with open_extracts(files, mapping) as extracts:
        for extract in extracts:
            click.echo(f"{extract.path}: {extract.description}")
        settings = find_settings()
        parameters = server.server_parameters(settings, say)
        rules = Dbt(settings, parameters).compile(judging.RULES)
        with warehouse.connect(parameters) as connection:
            verdict = judging.judge(connection, extracts, rules, say)
    click.echo(
        f"{verdict.delivered_rows:,} rows, {verdict.accepted_rows:,} would be accepted, "
        f"{verdict.rejected_rows:,} rejected; nothing was changed"
    )
    if verdict.reasons:
        rows = [
            [each.reason, f"{each.refused_rows:,}", _place(verdict.files, each.first_line)]
            for each in verdict.reasons
        ]
        click.echo("\n" + text_table(["reason", "rows", "first line"], rows))


def _place(files: Sequence[LoadedFile], line: int) -> str:
    """A line of the extract as one of its file, which is named when there are several."""
    file = next(file for file in files if line <= file.last_line)
    place = str(line - file.first_line + 1)
    return place if len(files) == 1 else f"{file.file_name}:{place}"
