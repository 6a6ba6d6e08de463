"""`nexasat superset`: what `make superset` imports."""

import json
from pathlib import Path

import click
import yaml  # type: ignore[import-untyped]

from nexasat import metrics, superset_bundle
from nexasat.boards import DASHBOARD
from nexasat.commands.tools import environment_of
from nexasat.settings import find_settings

EXAMPLES = """\b
All of it:  make superset                                     starts Superset with this bundle
Elsewhere:  nexasat superset --output bundle.zip              then Superset: Settings, Import assets
In Docker:  nexasat superset --host postgres --port 5432 --output bundle.zip"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    required=True,
    help="The bundle, a zip file; an older one is replaced.",
)
@click.option("--host", help="Where Superset finds the server; default: where you do.")
@click.option("--port", type=click.IntRange(1, 65535), help="Its port; default: yours.")
def superset(output: Path, host: str | None, port: int | None) -> None:
    """Write every mart, the metrics and a dashboard as a bundle for Apache Superset.

    Columns, descriptions, keys and metrics come from dbt and MetricFlow; which metric is shown by
    what is in bi/superset/dashboard.yml. Superset reads as bi_reader, whose password, if it has
    one, is left to PGPASSFILE.
    """
    settings = find_settings()
    environment = environment_of(settings)
    folder = metrics.parse(settings, environment)
    manifest, semantics = (
        json.loads((folder / name).read_text(encoding="utf-8"))
        for name in ("manifest.json", "semantic_manifest.json")
    )
    with (settings.project / DASHBOARD).open(encoding="utf-8") as file:
        dashboard = yaml.safe_load(file)
    server = {
        "PGHOST": host or environment["PGHOST"],
        "PGPORT": str(port or environment["PGPORT"]),
        "PGDATABASE": environment["PGDATABASE"],
    }
    found = superset_bundle.documents(manifest, semantics, dashboard, server)
    superset_bundle.write(found, output)
    click.echo(output)
