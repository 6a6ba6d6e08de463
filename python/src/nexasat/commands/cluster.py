"""`nexasat cluster`: train the clusters of the active customers."""

import click

from nexasat import labels, server, warehouse
from nexasat.commands.server import say
from nexasat.settings import find_settings


@click.command(epilog="Example:  nexasat cluster && nexasat dbt build --select source:ml+")
@click.option(
    "--recipe", metavar="NAME", help="A row of cfg_cluster_recipes; default: the default one."
)
def cluster(recipe: str | None) -> None:
    """Cluster the active customers by KMeans and write the centroids to PostgreSQL.

    Reads marts.fct_customer_features and writes centroids, scaler and run facts to schema ml in
    one transaction; the old run stays in force until then. SQL gives every customer the nearest
    centroid: `nexasat build` does all of it, after a run of your own build what hangs on it.
    """
    parameters = server.server_parameters(find_settings(), say)
    with warehouse.connect(parameters) as connection:
        run = labels.cluster(connection, recipe, say)
    say(
        f"run {run.run_id} is in force: made for {run.customers:,} customers"
        if run.is_new
        else f"run {run.run_id} is in force already: nothing to do"
    )
