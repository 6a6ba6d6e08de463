"""`nexasat up`, `nexasat down` and `nexasat status`: the embedded PostgreSQL."""

import shlex

import click

from nexasat import server
from nexasat.errors import ExitCode
from nexasat.settings import SERVER_NAMES, Settings, find_settings


def say(sentence: str) -> None:
    """Tells the user on stderr, so that stdout has nothing but what was asked for."""
    click.echo(sentence, err=True)


@click.command(
    epilog="Example:  nexasat up && eval \"$(nexasat status)\" && psql -c '\\dt marts.*'"
)
def up() -> None:
    """Start the embedded PostgreSQL, and make its database the first time.

    It goes on until `nexasat down` or the machine stops. A second `up` changes nothing. With PGHOST
    set nothing is started: that server is tried.
    """
    settings = find_settings()
    parameters = server.server_parameters(settings, say)
    if not server.uses_embedded(settings):
        _say_named(settings)
    say(f"PostgreSQL is up: {_address(parameters)}")


@click.command(epilog="Example:  nexasat down")
def down() -> None:
    """Stop the embedded PostgreSQL; the data stay.

    Open sessions end, and what they had not committed is rolled back. A server that PGHOST names is
    left alone.
    """
    settings = find_settings()
    stopped = server.stop(settings)
    say("the embedded server is down" if stopped else "the embedded server was not running")
    if not server.uses_embedded(settings):
        _say_named(settings)


@click.command(epilog='Example:  eval "$(nexasat status)"  # then psql, dbt and BI tools find it')
@click.pass_context
def status(context: click.Context) -> None:
    """Tell whether the server is up, and print its libpq variables for the shell.

    Starts nothing. Returns 4 when the server is down. A password is never printed.
    """
    settings = find_settings()
    if server.uses_embedded(settings) and not server.is_running(settings):
        say("the embedded server is down; start it: nexasat up")
        context.exit(ExitCode.NO_SERVER)
    parameters = server.server_parameters(settings, say, start=False)
    say(f"PostgreSQL is up: {_address(parameters)}")
    for name, value in parameters.items():
        if name != "PGPASSWORD":
            click.echo(f"export {name}={_quoted(value)}")


def _say_named(settings: Settings) -> None:
    names = " and ".join(name for name in SERVER_NAMES if settings.environment.get(name))
    say(f"{names} in the environment: a server of your own is used, not the embedded one")


def _address(parameters: dict[str, str]) -> str:
    host, port = parameters["PGHOST"], parameters["PGPORT"]
    place = f"socket in {host}" if host.startswith("/") else f"{host}:{port}"
    return f"database {parameters['PGDATABASE']}, {place}"


def _quoted(value: str) -> str:
    """The value for a shell, always in quotes."""
    quoted = shlex.quote(value)
    return quoted if quoted.startswith("'") else f"'{quoted}'"
