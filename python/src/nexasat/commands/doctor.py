"""`nexasat doctor`: what is missing, and how to mend it."""

import click

from nexasat import doctor as examination
from nexasat.errors import ExitCode


@click.command(epilog="Example:  nexasat doctor || nexasat up")
@click.pass_context
def doctor(context: click.Context) -> None:
    """Check everything that the warehouse needs, and tell how to mend what is missing.

    Starts and changes nothing. Returns 0 when nothing is missing, else 1.
    """
    missing = 0
    for finding in examination.examine():
        missing += finding.is_missing
        mark = (
            click.style("missing", fg="red")
            if finding.is_missing
            else click.style("ok", fg="green")
        )
        padding = " " * (7 - len(click.unstyle(mark)))
        click.echo(f"{mark}{padding}  {finding.name:<15}  {finding.detail}")
        if finding.hint:
            click.echo(f"{'':9}{'':15}  hint: {finding.hint}")
    context.exit(ExitCode.FAILED if missing else ExitCode.OK)
