"""`nexasat backup` and `nexasat restore`: the whole database as one file."""

import time
from datetime import datetime
from pathlib import Path

import click

from nexasat import backup as copies
from nexasat import server, warehouse
from nexasat.commands.server import say
from nexasat.settings import find_settings

BACKUP_EXAMPLES = """\b
Now:       nexasat backup
By cron:   nexasat backup /backups/nexasat-$(date +%a).dump"""
RESTORE_EXAMPLES = """\b
New server:   nexasat restore nexasat-20230731-060000.dump
Beside it:    eval "$(nexasat status)"; createdb trial; PGDATABASE=trial nexasat restore FILE
Go back:      nexasat restore FILE --force"""


@click.command(epilog=BACKUP_EXAMPLES)
@click.argument("file", required=False, type=click.Path(path_type=Path))
def backup(file: Path | None) -> None:
    """Write the whole database to FILE, which only you can read; pg_dump's custom format.

    It holds one moment: loads and builds wait, readers do not. FILE is written aside and replaced
    when the backup is whole; without FILE it is nexasat-DATE-TIME.dump in this folder. Passwords
    are the server's and not in it.
    """
    file = file or Path(f"nexasat-{datetime.now():%Y%m%d-%H%M%S}.dump")
    settings = find_settings()
    parameters = server.server_parameters(settings, say)
    start = time.monotonic()
    with warehouse.connect(parameters) as connection:
        size = copies.back_up(connection, {**settings.environment, **parameters}, file, say)
    seconds = time.monotonic() - start
    say(f"{file}: {size / 1e6:,.1f} MB, database {parameters['PGDATABASE']}, {seconds:.1f} s")


@click.command(epilog=RESTORE_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Give up all that is in the database for the backup.")
def restore(file: Path, force: bool) -> None:
    """Put the backup FILE into the database: tables, comments, rights, all of it or nothing.

    The database must be empty, or --force given: then the backup replaces it in one transaction,
    whatever schema things are in, and a failure leaves it as it was. Roles that the backup needs
    are made as `nexasat roles` does; their passwords are to be given anew.
    """
    settings = find_settings()
    parameters = server.server_parameters(settings, say)
    start = time.monotonic()
    with warehouse.connect(parameters) as connection:
        environment = {**settings.environment, **parameters}
        copies.restore(connection, environment, file, say, replaces=force)
    seconds = time.monotonic() - start
    say(f"{file} is in database {parameters['PGDATABASE']}, {seconds:.1f} s; next: nexasat doctor")
