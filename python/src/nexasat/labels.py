"""Reads the features mart, trains, and puts runs into the registry; SQL labels the customers."""

import hashlib
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime, timezone
from importlib.metadata import version

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nexasat import registry, warehouse
from nexasat.clusters import Clustering, Floats, Recipe, Stability, renumber
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

Report = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """What a clustering run did.

    Attributes:
        run_id: fingerprint of features, recipe and library versions.
        is_new: False when the run in force already was this one.
    """

    run_id: str
    is_new: bool


def refresh(connection: warehouse.Connection, report: Report) -> Run:
    """What a build does: trains the recipe in force anew, but leaves a run chosen by hand alone.

    Raises:
        NexasatError: as `cluster` does.
    """
    active = registry.active_run(connection)
    if active is None:
        return cluster(connection, None, report)
    if active.is_by_hand:
        report(f"run {active.run_id} was chosen by hand and stays until the next nexasat cluster")
        return Run(active.run_id, is_new=False)
    known = {row["recipe_name"] for row in _recipes(connection)}
    return cluster(connection, active.recipe_name if active.recipe_name in known else None, report)


def cluster(connection: warehouse.Connection, recipe_name: str | None, report: Report) -> Run:
    """Trains after a recipe and activates the run; one that is known is not trained again.

    Everything is written in one transaction: readers see the old centroids or the new ones.

    Args:
        connection: to a warehouse whose features mart is built.
        recipe_name: a row of `dim_cluster_recipes`, None for the default one.
        report: takes one sentence of progress at a time.

    Raises:
        NexasatError: no mart, no such recipe, too few customers, or clusters below the recipe's
            floor of stability; the old run stays in force.
    """
    if not warehouse.relation_exists(connection, "marts", "fct_customer_features"):
        raise NexasatError(
            "marts.fct_customer_features is not there yet",
            hint="build it first: nexasat build, or dbt build",
            exit_code=ExitCode.NOT_CLUSTERED,
        )
    recipe = _recipe(connection, recipe_name)
    customers, data_fingerprint = _data_fingerprint(connection)
    if customers == 0:
        raise NexasatError(
            "marts.fct_customer_features is empty: there is no active customer to cluster",
            hint="look at marts.rpt_load_audit and marts.fct_rejected_rows",
            exit_code=ExitCode.NOT_CLUSTERED,
        )
    run_id = _short_hash(f"{data_fingerprint}|{astuple(recipe)}|{library_versions()}")
    active = registry.active_run(connection)
    known = registry.decision(connection, run_id)
    if known is not None:
        is_new = active is None or active.run_id != run_id
        if is_new or (active and active.is_by_hand):
            registry.activate(connection, run_id)
        return Run(run_id, is_new=is_new)
    training = _training_features(connection, recipe)
    # scikit-learn takes 1.5 s to import
    from nexasat import clustering, scanning, stability  # noqa: PLC0415

    # small matrices: more threads wait for each other and take ten times as long
    with threadpool_limits(1):
        clustering.check(training, recipe.cluster_count_to)
        choice = scanning.choose(training, recipe, report)
        report(f"training {choice.cluster_count} clusters on {len(training):,} customers")
        trained = clustering.train(training, recipe, choice.cluster_count)
        if active is not None and active.recipe_name == recipe.recipe_name:
            trained = renumber(trained, *registry.centroids(connection, active.run_id, FEATURES))
        scaled = (training - trained.mean) / trained.scale
        trust = stability.measure(scaled, trained.centroids, recipe, report)
    decision = _decide(trust, recipe)
    facts: dict[str, object] = {
        "run_id": run_id,
        "data_fingerprint": data_fingerprint,
        "training_customers": len(training),
        "labelled_customers": customers,
        "decision": decision,
        "bootstrap_ari": trust.bootstrap_ari,
        "split_half_ari": trust.split_half_ari,
        "ward_ari": trust.ward_ari,
    }
    with connection.transaction():
        registry.store(connection, facts | _facts(recipe, trained), FEATURES, trained)
        registry.store_scan(connection, run_id, choice)
        registry.store_overlaps(connection, run_id, trained.numbers, trust.jaccards)
        if decision == registry.ACTIVATED:
            registry.activate(connection, run_id)
    if decision != registry.ACTIVATED:
        raise registry.refusal(run_id, decision)
    return Run(run_id, is_new=True)


def _decide(trust: Stability, recipe: Recipe) -> str:
    if trust.bootstrap_ari >= recipe.stability_floor:
        return registry.ACTIVATED
    return (
        f"refused: customers drawn anew agree at an adjusted Rand index of "
        f"{trust.bootstrap_ari:.3f}, below the floor of {recipe.stability_floor:g}"
    )


def _recipes(connection: warehouse.Connection) -> list[warehouse.Row]:
    return warehouse.fetch(
        connection,
        "select recipe_name, cluster_count_from, cluster_count_to, random_seed, initialisations,"
        " training_limit, cast(stability_floor as double precision) as stability_floor, is_default"
        " from marts.dim_cluster_recipes order by recipe_name",
    )


def _recipe(connection: warehouse.Connection, name: str | None) -> Recipe:
    rows = _recipes(connection)
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


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _data_fingerprint(connection: warehouse.Connection) -> tuple[int, str]:
    """Number of customers, and a fingerprint that changes with any feature of any of them."""
    found = warehouse.fetch(
        connection,
        "select count(*) as customers, sum(hashtextextended(concat_ws('|', customer_id,"
        " monthly_bill_amount, tenure_months, data_usage, call_duration), 0)) as fingerprint"
        " from marts.fct_customer_features",
    )[0]
    return int(found["customers"]), _short_hash(f"{found['customers']}|{found['fingerprint']}")


def _training_features(connection: warehouse.Connection, recipe: Recipe) -> Floats:
    """The customers to train on: all of them, or above the recipe's limit a seeded sample."""
    chosen = [str(recipe.random_seed), recipe.training_limit]
    with connection.transaction():
        blocks = warehouse.stream(connection, TRAINING, ROWS_PER_BLOCK, chosen)
        return np.concatenate([np.array(rows, dtype=np.float64) for rows in blocks])


def _facts(recipe: Recipe, trained: Clustering) -> dict[str, object]:
    return {
        "recipe_name": recipe.recipe_name,
        "cluster_count": len(trained.numbers),
        "random_seed": recipe.random_seed,
        "initialisations": recipe.initialisations,
        "inertia": trained.inertia,
        "silhouette": trained.silhouette,
        "library_versions": library_versions(),
        "trained_at": datetime.now(timezone.utc).isoformat(),
    }
