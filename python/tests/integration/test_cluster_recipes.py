"""Recipes in the warehouse: whatever they ask for, SQL labels everybody as scikit-learn does."""

import subprocess
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from psycopg import sql
from sklearn.cluster import KMeans

from nexasat import labels, registry, warehouse
from nexasat.settings import Settings

Nexasat = Callable[..., subprocess.CompletedProcess[str]]
# Another scaler and algorithm on what behaviour has; one start will do.
BATCHES = (
    "update marts.dim_cluster_recipes set transformation = 'log', scaler = 'robust',"
    " algorithm = 'minibatch', cluster_count_from = 4, cluster_count_to = 4, initialisations = 1,"
    " stability_floor = 0.3 where recipe_name = 'behaviour'"
)
RANGES = (
    "update marts.dim_cluster_recipes set scaler = 'minmax', population = 'all',"
    " features = 'service_count|data_usage|call_duration|historical_clv|proxy_clv',"
    " cluster_count_from = 10, cluster_count_to = 10, stability_floor = 0"
    " where recipe_name = 'value'"
)


@pytest.fixture
def built_by(
    dbt_settings: Callable[..., Settings],
    build_part: Callable[..., None],
    synthetic_template: str,
) -> Iterator[Callable[[str, str], warehouse.Connection]]:
    """Changes the recipes, clusters by one of them and builds what hangs on the labels."""
    settings = dbt_settings("cluster_recipes", synthetic_template)
    with warehouse.connect(settings.environment) as connection:

        def build(recipe: str, change: str) -> warehouse.Connection:
            connection.execute(sql.SQL(change))
            assert labels.cluster(connection, recipe, lambda _: None).is_new
            arguments = ("--select", "source:ml+", "--exclude-resource-type", "unit_test")
            build_part(settings, "build", "--quiet", *arguments)
            return connection

        yield build


@pytest.mark.parametrize(
    ("recipe", "change", "customers_and_features"),
    [
        ("value", "select", (4272, 1)),
        ("proxy_value", "select", (7043, 4)),
        ("behaviour", BATCHES, (4272, 4)),
        ("value", RANGES, (7043, 5)),
    ],
    ids=["value", "proxy_value", "log_robust_minibatch", "minmax_of_five"],
)
def test_every_label_by_sql_is_that_of_scikit_learn(
    built_by: Callable[[str, str], warehouse.Connection],
    recipe: str,
    change: str,
    customers_and_features: tuple[int, int],
) -> None:
    population, features = customers_and_features
    copy = built_by(recipe, change)
    active = registry.active_run(copy)
    assert active is not None
    assert (active.recipe_name, len(active.features)) == (recipe, features)
    [run] = warehouse.fetch(copy, "select * from marts.fct_cluster_runs where is_current")
    assert (run["labelled_customers"], run["training_customers"]) == (population, population)
    assert tuple(run["features"].split("|")) == active.features
    [words] = warehouse.fetch(
        copy,
        "select population, transformation, scaler, algorithm, tolerance"
        " from marts.dim_cluster_recipes where recipe_name = %s",
        [recipe],
    )
    assert words.items() <= run.items()
    found = warehouse.fetch(
        copy,
        "select * from intermediate.int_customers_cluster_assigned"
        " inner join marts.fct_customer_features using (customer_id) order by customer_id",
    )
    assert len(found) == 7043, "everybody is labelled, whatever the population"
    trained = registry.clustering(copy, active.run_id, active.features)
    rows = np.array([[row[name] for name in active.features] for row in found])
    scaled = trained.scaler.apply(rows)
    model = KMeans(len(trained.centroids), n_init=1, init=trained.centroids, max_iter=1).fit(scaled)
    model.cluster_centers_ = trained.centroids
    predicted = np.array(trained.numbers)[model.predict(scaled)]
    assert [row["cluster_id"] for row in found] == predicted.tolist()
    distances = np.sort(np.linalg.norm(scaled[:, None] - trained.centroids[None], axis=2), axis=1)
    margins = distances[:, 1] - distances[:, 0]
    np.testing.assert_allclose([row["cluster_margin"] for row in found], margins, atol=1e-12)
    named = warehouse.fetch(copy, "select * from marts.dim_clusters")
    assert len({row["cluster_name"] for row in named}) == len(trained.numbers) == len(named)
    for name in active.features:
        assert all(row[f"centroid_{name}"] is not None for row in named)
    assert sum(value is None for value in named[0].values()) == 7 - features
