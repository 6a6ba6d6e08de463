"""`nexasat build`: the main job."""

import sys
import time
from datetime import datetime
from pathlib import Path

import click

from nexasat.building import Build
from nexasat.building import build as build_warehouse
from nexasat.column_mapping import read_mapping
from nexasat.commands.load import mapping_option
from nexasat.commands.server import say
from nexasat.errors import NexasatError
from nexasat.labels import PICTURE, draw_scan
from nexasat.report import make as make_report
from nexasat.report_tools import is_installed
from nexasat.settings import Settings, find_settings
from nexasat.summary import summarise
from nexasat.warehouse import connect


@click.command(
    epilog="Example:  nexasat build --csv july.csv --extract-date 2023-07-31",
)
@click.option(
    "--csv",
    "csv_files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Your own extract, of one file or, given again, of several; without it the extract in "
    "force, at first the bundled synthetic one.",
)
@mapping_option
@click.option(
    "--extract-date",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day that the file describes; default today.",
)
@click.option(
    "--allow-breaking",
    is_flag=True,
    help="Publish although readers would miss a mart or a column; without it the build says which.",
)
@click.option(
    "--forget",
    "forgotten",
    multiple=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Take the extract of that date out of the history, for instance one that was loaded with "
    "a wrong date.",
)
@click.option(
    "--report/--no-report",
    "wants_report",
    default=True,
    envvar="NEXASAT_REPORT",
    show_envvar=True,
    help="Draw the boards of the report at the end, where its packages are installed.",
)
def build(
    csv_files: tuple[Path, ...],
    mapping_file: Path | None,
    extract_date: datetime | None,
    forgotten: tuple[datetime, ...],
    *,
    allow_breaking: bool,
    wants_report: bool,
) -> None:
    """Load, clean, value, segment, cluster and list the customers; print a summary.

    Starts the embedded PostgreSQL when no PGHOST is set. Safe to run again at any time; what a
    file loaded stays in force until the next `--csv` or `nexasat load --bundled`. Readers see the
    new marts all at once, when every test has passed, and the old ones until then.
    """
    settings = find_settings()
    progress = _Progress()
    done = build_warehouse(
        settings,
        csv_files,
        extract_date.date() if extract_date else None,
        progress.stage,
        progress.node,
        mapping=read_mapping(mapping_file) if mapping_file else None,
        allow_breaking=allow_breaking,
        forgotten=[day.date() for day in forgotten],
    )
    progress.clear()
    with connect(done.parameters) as connection:
        draw_scan(connection, settings.project / PICTURE, say)
        if wants_report and is_installed():
            _draw_report(settings, done, progress)
        click.echo(summarise(connection, done))


def _draw_report(settings: Settings, done: Build, progress: "_Progress") -> None:
    """The boards; what goes wrong with them is a warning, for the build is done and good."""
    start = time.monotonic()
    progress.stage("drawing the boards of the report")
    try:
        done.report = make_report(settings, done.parameters, lambda _: None, boards_only=True).page
    except NexasatError as error:
        done.warnings.append(f"no new report: {error}; {error.hint or 'nexasat report'}")
    except Exception as error:  # whatever it is, the marts are fine
        done.warnings.append(f"no new report: {type(error).__name__}: {error}; nexasat report")
    done.seconds["report"] = time.monotonic() - start


class _Progress:
    """One line for each stage; on a terminal the node in work beside it."""

    def __init__(self) -> None:
        self.finished = 0

    def stage(self, sentence: str) -> None:
        self.clear()
        say(f"- {sentence}")

    def node(self, name: str) -> None:
        self.finished += 1
        if sys.stderr.isatty():
            click.echo(f"\r\033[K  {self.finished} done, {name}", err=True, nl=False)

    def clear(self) -> None:
        if sys.stderr.isatty():
            click.echo("\r\033[K", err=True, nl=False)
