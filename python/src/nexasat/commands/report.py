"""`nexasat report`: pictures of the published marts as pages that open without a server."""

import time

import click

from nexasat import server
from nexasat.boards import EXPOSURES, exposures
from nexasat.commands.server import say
from nexasat.output_file import told_in_words
from nexasat.report import make
from nexasat.settings import find_settings

EXAMPLES = """\b
Look:     nexasat report && xdg-open site/index.html
Change:   edit charts/retention.yml, then nexasat report --boards-only
Share:    zip -r report.zip site"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--boards-only",
    is_flag=True,
    help="Leave docs.html, lineage.html and erd.svg as they are: quicker, for work on charts/.",
)
@click.option(
    "--exposures",
    "writes_exposures",
    is_flag=True,
    help=f"Write {EXPOSURES} after charts/ and Superset's dashboard, so that dbt knows who reads "
    "which mart; draw nothing.",
)
def report(*, boards_only: bool, writes_exposures: bool) -> None:
    """Draw the report of the published marts: site/index.html.

    \b
    index.html, value.html ...  one page for each board of charts/
    phone.html                  the overview for narrow screens
    lists/*.csv                 the customers of each offer, best first
    docs.html, lineage.html     every mart and column, and which comes from which
    erd.svg                     the keys between the marts (needs graphviz)

    All of it opens from the disk and asks the network for nothing. The folder site/ is replaced as
    a whole when everything was drawn; when anything fails, the old report stays. `nexasat build`
    draws the boards at its end. It needs the extra packages of `.ci/setup.sh report`.
    """  # noqa: D301  \b keeps click from filling the lines
    settings = find_settings()
    if writes_exposures:
        with told_in_words(str(EXPOSURES)):
            text = exposures(settings.project)
            (settings.project / EXPOSURES).write_text(text, encoding="utf-8")
        click.echo(EXPOSURES)
        return
    start = time.monotonic()
    parameters = server.server_parameters(settings, say)
    done = make(settings, parameters, say, boards_only=boards_only)
    for note in done.notes:
        say(note)
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in done.seconds.items())
    say(f"{time.monotonic() - start:.1f} s ({steps})")
    click.echo(done.page)
