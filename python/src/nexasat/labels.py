"""Reads the features mart, trains, and puts runs into the registry; SQL labels the customers."""

from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nexasat import drift, features, picture, recipes, registry, warehouse
from nexasat.clusters import Clustering, Recipe, Stability, renumber
from nexasat.errors import ExitCode, NexasatError

Report = Callable[[str], None]
PICTURE = Path("site", "cluster_scan.svg")  # below the project


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
    known = active.recipe_name in recipes.names(connection)
    return cluster(connection, active.recipe_name if known else None, report)


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
    if not warehouse.relation_exists(connection, "fct_customer_features"):
        raise NexasatError(
            "marts.fct_customer_features is not there yet",
            hint="build it first: nexasat build, or dbt build",
            exit_code=ExitCode.NOT_CLUSTERED,
        )
    recipe = recipes.read(connection, recipe_name)
    customers, data_fingerprint = features.fingerprint(connection, recipe)
    if customers == 0:
        active_one = "active customer" if recipe.population == "active" else "customer"
        raise NexasatError(
            f"there is no {active_one} to cluster in marts.fct_customer_features",
            hint="look at marts.rpt_load_audit and marts.fct_rejected_rows",
            exit_code=ExitCode.NOT_CLUSTERED,
        )
    run_id = features.short_hash(f"{data_fingerprint}|{astuple(recipe)}|{library_versions()}")
    active = registry.active_run(connection)
    known = registry.decision(connection, run_id)
    if known is not None:
        is_new = active is None or active.run_id != run_id
        if is_new or (active and active.is_by_hand):
            registry.activate(connection, run_id)
        return Run(run_id, is_new=is_new)
    training = features.read(connection, recipe)
    # scikit-learn takes 1.5 s to import
    from nexasat import clustering, scanning, stability  # noqa: PLC0415

    # small matrices: more threads wait for each other and take ten times as long
    with threadpool_limits(1):
        clustering.check(training, recipe, recipe.cluster_count_to)
        choice = scanning.choose(training, recipe, report)
        report(f"training {choice.cluster_count} clusters on {len(training):,} customers")
        trained = clustering.train(training, recipe, choice.cluster_count)
        moved = None
        if active is not None and active.is_alike(recipe):
            earlier = registry.clustering(connection, active.run_id, recipe.features)
            trained = renumber(trained, earlier)
            moved = drift.moved_share(training, earlier, trained)
            report(f"{100 * moved:.1f} % of the customers change cluster")
        scaled = trained.scaler.apply(training)
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
        "moved_share": moved,
    }
    with connection.transaction():
        registry.store(connection, facts | _facts(recipe, trained), recipe.features, trained)
        registry.store_scan(connection, run_id, choice)
        registry.store_bands(connection, run_id, recipe.features, drift.bands(training))
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


def library_versions() -> str:
    """The versions that can move a centroid."""
    return f"numpy {version('numpy')}, scikit-learn {version('scikit-learn')}"


def _facts(recipe: Recipe, trained: Clustering) -> dict[str, object]:
    return {
        "recipe_name": recipe.recipe_name,
        "population": recipe.population,
        "features": "|".join(recipe.features),
        "transformation": recipe.transformation,
        "scaler": recipe.scaler,
        "algorithm": recipe.algorithm,
        "cluster_count": len(trained.numbers),
        "random_seed": recipe.random_seed,
        "initialisations": recipe.initialisations,
        "tolerance": recipe.tolerance,
        "inertia": trained.inertia,
        "silhouette": trained.silhouette,
        "library_versions": library_versions(),
        "trained_at": datetime.now(timezone.utc).isoformat(),
    }


def draw_scan(connection: warehouse.Connection, path: Path, report: Report) -> None:
    """Draws the scan of the run in force into a file; a run without one has none."""
    active = registry.active_run(connection)
    choice = registry.scan(connection, active.run_id) if active else None
    try:
        if active is None or choice is None or len(choice.scanned) < 2:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(exist_ok=True)
        title = f"How many clusters? Recipe {active.recipe_name}, run {active.run_id}"
        path.write_text(picture.draw(choice, title), encoding="utf-8")
    except OSError as error:  # the clusters are fine without it
        report(f"the picture of the scan was not written: {error}")
    else:
        report(f"how the number was chosen: {path.parent.name}/{path.name}")
