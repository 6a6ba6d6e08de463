"""`nexasat cluster`: train the clusters after a recipe, or go back to an earlier run."""

import click

from nexasat import labels, registry, server, warehouse
from nexasat.commands.server import say
from nexasat.settings import find_settings


@click.command(epilog="Example:  nexasat cluster --recipe value && nexasat build")
@click.option(
    "--recipe", metavar="NAME", help="A row of cfg_cluster_recipes; default: the default one."
)
@click.option(
    "--activate", metavar="RUN", help="Go back to this run of fct_cluster_runs; nothing is trained."
)
def cluster(recipe: str | None, activate: str | None) -> None:
    """Cluster customers by KMeans after a recipe and write the centroids to PostgreSQL.

    Reads marts.fct_customer_features and writes centroids, scaler and run facts to schema ml in
    one transaction; the old run stays in force until then. SQL gives every customer the nearest
    centroid: `nexasat build` does all of it, after a run of your own build again. A run
    that `--activate` chose stays in force through builds, until `nexasat cluster` is run again.
    How the number of clusters was chosen is drawn in site/cluster_scan.svg.
    """
    if recipe and activate:
        raise click.UsageError("--recipe trains, --activate does not: give one of them")
    settings = find_settings()
    parameters = server.server_parameters(settings, say)
    with warehouse.connect(parameters) as connection:
        if activate:
            registry.activate(connection, activate, is_by_hand=True)
            say(f"run {activate} is in force")
        else:
            run = labels.cluster(connection, recipe, say)
            say(f"run {run.run_id} is in force" + ("" if run.is_new else " already: nothing to do"))
        labels.draw_scan(connection, settings.project / labels.PICTURE, say)
