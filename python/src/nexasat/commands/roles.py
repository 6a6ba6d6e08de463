"""`nexasat roles`: who may load, build and read."""

from pathlib import Path

import click

from nexasat import roles as making
from nexasat import server, warehouse
from nexasat.commands.server import say
from nexasat.errors import NexasatError
from nexasat.settings import find_settings
from nexasat.text_table import text_table

EXAMPLES = """\b
Make or mend:  nexasat roles
Look only:     nexasat roles --check
For a server:  nexasat roles --passwords ~/.pgpass
Build as one:  eval "$(nexasat status)"; PGUSER=nexasat_transformer nexasat build
A reader more: nexasat psql -c 'create role anna login in role nexasat_reader'; nexasat roles"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--check", "only_check", is_flag=True, help="Change nothing; return 1 unless all is well."
)
@click.option(
    "--passwords",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Give each login without a password a random one, and write them to this file, which "
    "PGPASSFILE can name. Nothing else shows or keeps them.",
)
def roles(only_check: bool, passwords: Path | None) -> None:
    r"""Make, mend and check the roles that load, build and read the warehouse.

    A superuser runs it, before the first build or later; what is as it should be is left alone.
    nexasat_transformer runs dbt and owns the schemas, nexasat_loader fills raw, bi_reader and
    analyst read marts and can do nothing else; nobody logs in as nexasat_owner or nexasat_reader.

    No password is made up unless you ask. Without one a login works on the embedded server alone,
    whose socket only you can open; psql sets one: \password bi_reader.
    """
    if only_check and passwords:
        raise click.UsageError("--check changes nothing: give it without --passwords")
    parameters = server.server_parameters(find_settings(), say)
    with warehouse.connect(parameters) as connection:
        found = (
            making.check(connection) if only_check else making.establish(connection, say, passwords)
        )
    rows = [[role.role_name, role.state, role.password, role.may] for role in found]
    click.echo(text_table(["role", "state", "password", "may"], rows, has_figures=False))
    wrong = [role.role_name for role in found if not role.is_well]
    if wrong:
        raise NexasatError(
            f"not as they should be: {', '.join(wrong)}",
            hint="mend them: nexasat roles (a password that is not SCRAM is set anew in psql: "
            "\\password NAME)",
        )
