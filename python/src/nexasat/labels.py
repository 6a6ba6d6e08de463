"""Reads the features mart, trains, and writes centroids, scaler and run facts to `ml`."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from datetime import datetime, timezone
from importlib.metadata import version

import numpy as np

from nexasat import warehouse
from nexasat.clusters import Clustering, Floats, Recipe
from nexasat.errors import ExitCode, NexasatError
from nexasat.warehouse import Query

# The columns of the features mart; the first one orders the clusters.
FEATURES = ("monthly_bill_amount", "tenure_months", "data_usage", "call_duration")
# All customers while the limit is not reached, else the sample that a hash of the seed decides; in
# the same order on every server.
TRAINING: Query = """
    select monthly_bill_amount, tenure_months, data_usage, call_duration
    from marts.fct_customer_features
    where customer_id in (
        select customer_id from marts.fct_customer_features
        order by md5(%s || customer_id), customer_id
        limit %s
    )
    order by customer_id collate "C"
"""
ROWS_PER_BLOCK = 20_000


@dataclass(frozen=True)
class Run:
    """What a clustering run did.

    Attributes:
        run_id: fingerprint of features, recipe and library versions.
        customers: how many there were to cluster.
        is_new: False when the run in force already was this one.
    """

    run_id: str
    customers: int
    is_new: bool


def cluster(
    connection: warehouse.Connection, recipe_name: str | None, report: Callable[[str], None]
) -> Run:
    """Trains after a recipe, unless the run in force already fits; SQL then labels the customers.

    Everything is written in one transaction: readers see the old centroids or the new ones.

    Args:
        connection: to a warehouse whose features mart is built.
        recipe_name: a row of `dim_cluster_recipes`, None for the default one.
        report: takes one sentence of progress at a time.

    Raises:
        NexasatError: no mart, no such recipe, or too few customers; the old run stays in force.
    """
    if not warehouse.relation_exists(connection, "marts", "fct_customer_features"):
        raise NexasatError(
            "marts.fct_customer_features is not there yet",
            hint="build it first: nexasat build, or dbt build",
            exit_code=ExitCode.NOT_CLUSTERED,
        )
    recipe = _recipe(connection, recipe_name)
    customers, run_id = _fingerprint(connection, recipe)
    if customers == 0:
        raise NexasatError(
            "marts.fct_customer_features is empty: there is no active customer to cluster",
            hint="look at marts.rpt_load_audit and marts.fct_rejected_rows",
            exit_code=ExitCode.NOT_CLUSTERED,
        )
    if _is_in_force(connection, run_id):
        return Run(run_id, customers, is_new=False)
    training = _training_features(connection, recipe)
    report(f"training {recipe.cluster_count} clusters on {len(training):,} customers")
    from nexasat import clustering  # noqa: PLC0415 (scikit-learn takes 1.5 s to import)

    trained = clustering.train(training, recipe)
    with connection.transaction():
        run: dict[str, object] = {
            "run_id": run_id,
            "training_customers": len(training),
            "labelled_customers": customers,
        }
        _write(connection, run, recipe, trained)
    return Run(run_id, customers, is_new=True)


def _recipe(connection: warehouse.Connection, name: str | None) -> Recipe:
    rows = warehouse.fetch(
        connection,
        "select recipe_name, cluster_count, random_seed, initialisations, training_limit,"
        " is_default from marts.dim_cluster_recipes order by recipe_name",
    )
    chosen = [row for row in rows if (row["recipe_name"] == name if name else row["is_default"])]
    if len(chosen) != 1:
        raise NexasatError(
            f"there is no recipe {name!r}" if name else "not exactly one recipe is the default",
            hint="recipes of seeds/config/cfg_cluster_recipes.csv: "
            + ", ".join(row["recipe_name"] for row in rows),
            exit_code=ExitCode.USAGE,
        )
    del chosen[0]["is_default"]
    return Recipe(**chosen[0])


def library_versions() -> str:
    """The versions that can move a centroid."""
    return f"numpy {version('numpy')}, scikit-learn {version('scikit-learn')}"


def _fingerprint(connection: warehouse.Connection, recipe: Recipe) -> tuple[int, str]:
    """Number of customers, and a run id that changes with any feature, the recipe or a library."""
    found = warehouse.fetch(
        connection,
        "select count(*) as customers, sum(hashtextextended(concat_ws('|', customer_id,"
        " monthly_bill_amount, tenure_months, data_usage, call_duration), 0)) as fingerprint"
        " from marts.fct_customer_features",
    )[0]
    told = f"{found['customers']}|{found['fingerprint']}|{astuple(recipe)}|{library_versions()}"
    return int(found["customers"]), hashlib.sha256(told.encode()).hexdigest()[:12]


def _is_in_force(connection: warehouse.Connection, run_id: str) -> bool:
    found = warehouse.fetch(
        connection, "select run_id from ml.cluster_runs order by trained_at desc, run_id limit 1"
    )
    return [row["run_id"] for row in found] == [run_id]


def _training_features(connection: warehouse.Connection, recipe: Recipe) -> Floats:
    """The customers to train on: all of them, or above the recipe's limit a seeded sample."""
    chosen = [str(recipe.random_seed), recipe.training_limit]
    with connection.transaction():
        blocks = warehouse.stream(connection, TRAINING, ROWS_PER_BLOCK, chosen)
        return np.concatenate([np.array(rows, dtype=np.float64) for rows in blocks])


def _write(
    connection: warehouse.Connection, run: dict[str, object], recipe: Recipe, trained: Clustering
) -> None:
    """Puts the run in force; one that was here before counts as the latest again."""
    run_id = run["run_id"]
    warehouse.execute(connection, "delete from ml.cluster_centroids where run_id = %s", [run_id])
    warehouse.execute(connection, "delete from ml.cluster_scalers where run_id = %s", [run_id])
    warehouse.execute(connection, "delete from ml.cluster_runs where run_id = %s", [run_id])
    run |= {
        "recipe_name": recipe.recipe_name,
        "cluster_count": recipe.cluster_count,
        "random_seed": recipe.random_seed,
        "initialisations": recipe.initialisations,
        "inertia": trained.inertia,
        "silhouette": trained.silhouette,
        "library_versions": library_versions(),
        "trained_at": datetime.now(timezone.utc).isoformat(),
    }
    _copy(connection, "cluster_runs", list(run), [list(run.values())])
    _copy(
        connection,
        "cluster_scalers",
        ["run_id", "feature_name", "feature_mean", "feature_scale"],
        [
            [run_id, feature, mean, scale]
            for feature, mean, scale in zip(
                FEATURES, trained.mean.tolist(), trained.scale.tolist(), strict=True
            )
        ],
    )
    values = trained.centroids * trained.scale + trained.mean
    _copy(
        connection,
        "cluster_centroids",
        ["run_id", "cluster_id", "feature_name", "centroid_value", "centroid_scaled"],
        [
            [run_id, cluster_id + 1, feature, float(values[cluster_id, column]), float(scaled)]
            for cluster_id, centroid in enumerate(trained.centroids)
            for column, (feature, scaled) in enumerate(zip(FEATURES, centroid, strict=True))
        ],
    )


def _copy(
    connection: warehouse.Connection,
    table: str,
    columns: list[str],
    rows: Iterable[Iterable[object]],
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    warehouse.copy_in(connection, "ml", table, columns, [text.getvalue()])
