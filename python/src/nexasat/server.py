"""The server to use: the embedded PostgreSQL, started when it is down, or the user's own.

The embedded one listens only on a unix socket, in a folder that nobody but its user can open. It
goes on when the command that started it ends; `stop` stops it. Its parts: `nexasat.embedded`.
"""

import fcntl
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nexasat import warehouse
from nexasat.embedded import home as homes
from nexasat.embedded import launch, postmaster, programs
from nexasat.embedded.home import Home, Report
from nexasat.errors import ExitCode, NexasatError
from nexasat.settings import LIBPQ_NAMES, Settings

DATABASE = "nexasat"


def start(settings: Settings, report: Report) -> dict[str, str]:
    """Starts the embedded server unless it is up, and makes its database.

    Args:
        settings: whose server it is.
        report: takes one sentence of progress at a time.

    Returns:
        The libpq variables that reach it: PGHOST, PGPORT, PGUSER and PGDATABASE.

    Raises:
        NexasatError: it cannot be started (exit code 4).
    """
    home = homes.locate(settings)
    with _told_plainly(home):
        homes.make_state(home)
        with _locked(home):
            parameters = _parameters(_up(homes.locate(settings), report))
            try:
                _make_database(parameters)
            except NexasatError:
                if not postmaster.wait_for(lambda: not is_running(settings), 1):
                    raise
                _up(homes.locate(settings), report)  # it was just dying
                _make_database(parameters)
            return parameters


def stop(settings: Settings) -> bool:
    """Stops the embedded server; sessions that are still open end.

    Returns:
        False when it was not running.
    """
    home = homes.locate(settings)
    with _told_plainly(home):
        if not home.state.exists():
            return False
        with _locked(home):
            home = homes.locate(settings)
            found = postmaster.find(home)
            if found:
                postmaster.end(home, found.pid, "INT", 60)
            return found is not None


def running(settings: Settings) -> dict[str, str] | None:
    """The libpq variables of the embedded server, or None when it is down; starts nothing."""
    home = homes.locate(settings)
    with _told_plainly(home):
        found = postmaster.find(home)
        return _parameters(found.run) if found and found.is_ready else None


def is_running(settings: Settings) -> bool:
    """True when the embedded server takes connections."""
    return running(settings) is not None


def uses_embedded(settings: Settings) -> bool:
    """True when no server is named, or the one that is named is this project's embedded server."""
    if not settings.names_a_server:
        return True
    home = homes.locate(settings)
    with _told_plainly(home):
        found = postmaster.find(home)
        return settings.environment.get("PGHOST") == str(found.run if found else home.run)


def server_parameters(settings: Settings, report: Report, start: bool = True) -> dict[str, str]:
    """The libpq variables of the server to use, after a connection to it.

    Args:
        settings: with the user's libpq variables; without them the embedded server is used.
        report: takes one sentence of progress at a time.
        start: whether to start the embedded server when it is down.

    Returns:
        PGHOST, PGPORT, PGUSER and PGDATABASE as they turned out, and PGPASSWORD if it was given.

    Raises:
        NexasatError: no server, no such database, or a PostgreSQL that is too old (exit code 4).
    """
    environment = settings.environment
    given = {name: environment[name] for name in LIBPQ_NAMES if environment.get(name)}
    if uses_embedded(settings):
        found = _start(settings, report) if start else running(settings)
        if found is None:
            raise _no_server("the embedded server is down", "start it: nexasat up")
        if settings.names_a_server:  # by `eval "$(nexasat status)"`: the rest may be changed then
            found = found | {name: given[name] for name in given.keys() - {"PGHOST", "PGPORT"}}
        return _checked(found)
    if not environment.get("PGSERVICE"):  # a service has its own
        given = {"PGPORT": "5432", "PGDATABASE": DATABASE} | given
    return _checked(given)


_start = start  # where the argument `start` hides the function


def _up(home: Home, report: Report) -> Path:
    """Brings the server up, whatever state it is in; returns the folder of its socket."""

    def is_settled() -> bool:
        found = postmaster.find(home)
        return found is None or found.is_ready or found.lost_its_socket

    if not postmaster.wait_for(is_settled, 0):
        report("waiting for the server, which is starting or stopping")
        postmaster.wait_for(is_settled, 300)
    found = postmaster.find(home)
    if found and found.is_ready:
        return found.run
    if found:
        report("the server does not answer at its socket: restarting it")
        postmaster.end(home, found.pid, "INT", 60)
    home = homes.prepare(home, report)
    folder = programs.runnable(home.account, report)
    launch.make_data(home, folder, report)
    launch.launch(home, folder, report)
    return home.run


def _parameters(run: Path) -> dict[str, str]:
    return {"PGHOST": str(run), "PGPORT": "5432", "PGUSER": "postgres", "PGDATABASE": DATABASE}


def _make_database(parameters: dict[str, str]) -> None:
    """Makes the database unless it is there; the caller holds the lock."""
    with warehouse.connect(parameters | {"PGDATABASE": "postgres"}) as connection:
        if not _has_database(connection, DATABASE):
            warehouse.execute(connection, "create database nexasat")


def _has_database(connection: warehouse.Connection, name: str) -> bool:
    query = "select 1 from pg_catalog.pg_database where datname = %s"
    return bool(warehouse.fetch(connection, query, [name]))


def _checked(parameters: dict[str, str]) -> dict[str, str]:
    """Connects once: the version must do, and the parameters become what libpq made of them."""
    try:
        with warehouse.connect(parameters) as connection:
            info = connection.info
            version = info.server_version
            found = {
                "PGHOST": info.host,
                "PGPORT": str(info.port),
                "PGUSER": info.user,
                "PGDATABASE": info.dbname,
            }
    except NexasatError as error:
        _explain_missing_database(parameters, error)
        raise
    if version < warehouse.MINIMUM_VERSION:
        raise _no_server(
            f"PostgreSQL at {found['PGHOST']}:{found['PGPORT']} is version {version // 10000}; "
            f"{warehouse.MINIMUM_VERSION // 10000} or later is needed",
            "use a newer one (docker compose up -d --wait), or unset PGHOST for the embedded one",
        )
    merged = parameters | {name: value for name, value in found.items() if value}
    return {name: merged[name] for name in LIBPQ_NAMES if name in merged}


def _explain_missing_database(parameters: dict[str, str], error: NexasatError) -> None:
    """Raises a better error when the server is there and only the database is missing."""
    name = parameters.get("PGDATABASE", "")
    for other in ("postgres", "template1"):
        try:
            with warehouse.connect(parameters | {"PGDATABASE": other}) as connection:
                missing = not _has_database(connection, name)
        except NexasatError:
            continue
        if missing:
            flags = {"PGHOST": "-h", "PGPORT": "-p", "PGUSER": "-U"}
            known = [(flag, parameters[key]) for key, flag in flags.items() if key in parameters]
            command = ["createdb", *(word for pair in known for word in pair), name]
            raise _no_server(
                f"the server has no database {name}", f"make it: {shlex.join(command)}"
            ) from error
        return


@contextmanager
def _locked(home: Home) -> Iterator[None]:
    """Holds the project's lock: only one command at a time starts or stops the server."""
    with homes.open_private(home, home.state / "lock") as lock:

        def is_mine() -> bool:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        if not postmaster.wait_for(is_mine, 400):
            raise _no_server(
                "another nexasat command has been starting or stopping the server for minutes",
                f"find it with: fuser {home.state / 'lock'}",
            )
        yield  # closing the file lets the lock go


@contextmanager
def _told_plainly(home: Home) -> Iterator[None]:
    """Turns what the file system refuses into a sentence and a way out."""
    try:
        yield
    except OSError as error:
        where = error.filename or home.state
        raise _no_server(
            f"the embedded server cannot use {where}: {error.strerror or error}",
            "set NEXASAT_HOME to a folder of your own on a disk with room, or PGHOST to a server",
        ) from error


def _no_server(message: str, hint: str) -> NexasatError:
    return NexasatError(message, hint=hint, exit_code=ExitCode.NO_SERVER)
