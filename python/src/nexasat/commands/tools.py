"""`nexasat psql`, `dbt` and `mf`: the usual tools, connected to the server of the project."""

import os
import shutil
import subprocess
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click

from nexasat import metrics, server, warehouse
from nexasat.banner import banner
from nexasat.commands.server import say
from nexasat.embedded import programs
from nexasat.errors import ExitCode, NexasatError
from nexasat.settings import Settings, find_settings

PSQL_EXAMPLES = """\b
Ask:      nexasat psql -c 'select * from marts.rpt_segment_profiles'
Look:     nexasat psql                  then \\dv+ marts.* lists the marts"""
DBT_EXAMPLES = """\b
Whole:    nexasat dbt build                           publishes when all tests passed
Part:     nexasat dbt build --select fct_customer_value   stays aside, in schema marts__next
Yours:    nexasat dbt build --target dev              schemas of your own"""
MF_EXAMPLES = """\b
What:     nexasat mf list metrics
Ask:      nexasat mf query --metrics active_customers,mrr,arpu_active
By:       nexasat mf query --metrics churn_rate --group-by customer__plan_name
A list:   nexasat mf query --metrics offers --group-by offer,customer__value_tier --csv lists.csv"""

PASS_ON = {  # every word goes to the tool, except --help as the first one
    "ignore_unknown_options": True,
    "allow_interspersed_args": False,
    "help_option_names": ["--help"],  # -h is psql's host
}


@click.command(context_settings=PASS_ON, epilog=PSQL_EXAMPLES)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open psql on the warehouse; all ARGUMENTS go to psql.

    Without any, a person at a terminal reads first how old the data are and what to ask. The
    embedded server is started if it is down. The exit code is psql's; its own help is
    `nexasat psql -- --help`.
    """
    settings = find_settings()
    environment = environment_of(settings)
    if not arguments and sys.stdin.isatty() and sys.stdout.isatty():
        with suppress(NexasatError), warehouse.connect(environment) as connection:
            say(banner(connection))
    _become([_psql_program(), *arguments], environment)


@click.command(context_settings=PASS_ON, epilog=DBT_EXAMPLES)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def dbt(arguments: tuple[str, ...]) -> None:
    """Run dbt on this project and its server, from any folder; all ARGUMENTS go to dbt.

    The embedded server is started if it is down. The exit code is dbt's; its own help is
    `nexasat dbt -- --help`, and `nexasat dbt build --help` for one of its commands.
    """
    settings = find_settings()
    program = Path(sysconfig.get_path("scripts")) / "dbt"
    if not program.exists():
        raise NexasatError(f"there is no {program}", hint="install dbt: make setup")
    _become([sys.executable, str(program), *arguments], environment_of(settings))


@click.command(context_settings=PASS_ON, epilog=MF_EXAMPLES)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def mf(arguments: tuple[str, ...]) -> None:
    """Ask for metrics by name: MetricFlow on the published marts; all ARGUMENTS go to mf.

    Each metric has one definition and names whose customers it counts. Needs the extra `report`:
    `.ci/setup.sh report`. Its own help is `nexasat mf -- --help`.
    """
    settings = find_settings()
    metrics.run(settings, environment_of(settings), arguments)


def environment_of(settings: Settings) -> dict[str, str]:
    """The user's environment with the server and the project; what the user has set stays."""
    parameters = server.server_parameters(settings, say)
    defaults = {
        "DBT_PROJECT_DIR": str(settings.project),
        "DBT_PROFILES_DIR": str(settings.project),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    return {**defaults, **settings.environment, **parameters}


def _psql_program() -> str:
    """The psql of the package; for a person one with line editing, which the package's lacks."""
    found = shutil.which("psql")
    if found and sys.stdin.isatty():
        told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        version = told.stdout.rpartition(") ")[2].partition(".")[0]
        if version.isdigit() and int(version) >= int(programs.major_version()):
            return found
    try:
        return str(programs.bundled() / "psql")
    except NexasatError:
        if found:
            return found
        raise


def _become(command: list[str], environment: dict[str, str]) -> NoReturn:
    """Replaces this process, so that signals and the exit code are the tool's."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execve(command[0], command, environment)  # noqa: S606  no shell is meant
    except OSError as error:
        raise NexasatError(
            f"{command[0]} cannot be run: {error.strerror}",
            hint="make setup",
            exit_code=ExitCode.FAILED,
        ) from error
