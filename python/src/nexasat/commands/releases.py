"""`nexasat releases` and `nexasat rollback`: what readers see, and how to go back."""

import click

from nexasat import releases as log
from nexasat import server, warehouse
from nexasat.commands.server import say
from nexasat.settings import find_settings
from nexasat.text_table import text_table

WHEN = "%Y-%m-%d %H:%M:%S"


@click.command(epilog="Example:  nexasat releases")
def releases() -> None:
    """List the releases of the marts, the newest first, and the builds refused since.

    A build makes all marts aside, tests them there and shows them to readers at once: that is a
    release. The live one and the one before are kept as they were.
    """
    settings = find_settings()
    with warehouse.connect(server.server_parameters(settings, say)) as connection:
        found = log.listed(connection)
        rows = [
            [
                str(row["release_number"]),
                row["state"],
                row["published_at"].strftime(WHEN),
                row["live_since"].strftime(WHEN),
                "" if row["based_on"] is None else str(row["based_on"]),
            ]
            for row in found
        ]
        click.echo(text_table(["release", "state", "published", "live since", "after"], rows))
        for row in log.refused(connection):
            click.echo(f"not published, {row['started_at'].strftime(WHEN)}: {row['reason']}")


@click.command(epilog="Example:  nexasat rollback")
@click.argument("release", type=click.IntRange(min=0), required=False)
@click.option(
    "--allow-breaking",
    is_flag=True,
    help="Go back although readers would miss a mart or a column that only the newer one has.",
)
def rollback(release: int | None, *, allow_breaking: bool) -> None:
    """Show readers an older RELEASE that is kept, by default the one that was live before.

    Nothing is built and nothing is lost; the next build goes on from it.
    """
    settings = find_settings()
    parameters = server.server_parameters(settings, say)
    with warehouse.connect(parameters) as connection:
        log.listed(connection)
        log.roll_back(settings, parameters, release, allow_breaking=allow_breaking)
        [live] = [row for row in log.listed(connection) if row["state"] == "live"]
        click.echo(f"release {live['release_number']} is live")
