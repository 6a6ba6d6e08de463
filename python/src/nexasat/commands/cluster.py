"""`nexasat cluster`: label the active customers."""

import click

from nexasat import labels, server, warehouse
from nexasat.commands.server import say
from nexasat.settings import find_settings


@click.command(epilog="Example:  nexasat cluster && nexasat dbt build --select source:ml+")
@click.option(
    "--recipe", metavar="NAME", help="A row of cfg_cluster_recipes; default: the default one."
)
def cluster(recipe: str | None) -> None:
    """Cluster the active customers by KMeans and write the labels to PostgreSQL.

    Reads marts.fct_customer_features and writes ml.customer_clusters, centroids, scaler and run
    facts in one transaction; the old labels stay until then. `nexasat build` does this by itself;
    after a run of your own, build what hangs on the labels.
    """
    parameters = server.server_parameters(find_settings(), say)
    with warehouse.connect(parameters) as connection:
        run = labels.cluster(connection, recipe, say)
    say(
        f"run {run.run_id}: {run.customers:,} customers labelled"
        if run.is_new
        else f"run {run.run_id} is in force already: {run.customers:,} labels, nothing to do"
    )
