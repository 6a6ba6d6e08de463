"""The `nexasat` command: a thin shell over the modules beside it."""

import importlib
import sys
from typing import NoReturn

import click

from nexasat.errors import ExitCode, NexasatError

COMMANDS = {  # name -> module of nexasat.commands, in the order of a first day; imported on call
    "build": "build",
    "up": "server",
    "down": "server",
    "status": "server",
    "check": "check",
    "load": "load",
    "rejects": "rejects",
    "releases": "releases",
    "rollback": "releases",
    "cluster": "cluster",
    "campaign": "campaign",
    "report": "report",
    "roles": "roles",
    "backup": "backup",
    "restore": "backup",
    "psql": "tools",
    "dbt": "tools",
    "mf": "tools",
    "superset": "superset",
    "generate": "generate",
    "doctor": "doctor",
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is called or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of a first day."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"nexasat.commands.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nexasat")
def nexasat() -> None:
    """Customer-value warehouse on PostgreSQL: load the extract, build the marts, ask.

    \b
    First day:   nexasat build                 the bundled extract, end to end
    Own file:    nexasat build --csv my.csv
    Ask:         nexasat psql -c 'select * from marts.rpt_segment_profiles'

    Without PGHOST an embedded PostgreSQL is started under .nexasat/; with the libpq
    variables (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE) that server is used.
    """  # noqa: D301  \b keeps click from filling the lines


def main(args: list[str] | None = None) -> NoReturn:
    """Runs the command and turns known errors into a sentence, a hint and an exit code."""
    try:
        sys.exit(nexasat.main(args=args, prog_name="nexasat", standalone_mode=False))
    except NexasatError as error:
        click.secho(f"error: {error}", err=True, fg="red")
        if error.hint:
            click.echo(f"hint: {error.hint}", err=True)
        sys.exit(error.exit_code)
    except ImportError as error:
        click.secho(f"error: the installation is broken: {error}", err=True, fg="red")
        click.echo("hint: install the locked packages anew: rm -r .venv && make setup", err=True)
        sys.exit(ExitCode.FAILED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("\ninterrupted: what was finished stays; run the same command again", err=True)
        sys.exit(ExitCode.INTERRUPTED)
