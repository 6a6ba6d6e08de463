"""The registry of clustering runs in schema `ml`: stored whole, activated one at a time."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np

from nexasat import warehouse
from nexasat.clusters import Bands, Choice, Clustering, Recipe, Scaler, Scanned
from nexasat.errors import ExitCode, NexasatError

ACTIVATED = "activated"


@dataclass(frozen=True)
class ActiveRun:
    """The run that labels the customers.

    Attributes:
        run_id: its fingerprint.
        recipe_name: what it was made by.
        features: of the recipe as it was then.
        population: of the recipe as it was then.
        is_by_hand: True when a person chose it with `nexasat cluster --activate`.
    """

    run_id: str
    recipe_name: str
    features: tuple[str, ...]
    population: str
    is_by_hand: bool

    def is_alike(self, recipe: Recipe) -> bool:
        """Whether its clusters can be held against those of a recipe."""
        mine = (self.recipe_name, self.features, self.population)
        return mine == (recipe.recipe_name, recipe.features, recipe.population)


def active_run(connection: warehouse.Connection) -> ActiveRun | None:
    """The run of the latest activation; None before the first one."""
    found = warehouse.fetch(
        connection,
        "select run_id, recipe_name, string_to_array(features, '|') as features, population,"
        " is_by_hand from ml.cluster_activations"
        " inner join ml.cluster_runs using (run_id) order by activation_id desc limit 1",
    )
    return ActiveRun(**found[0] | {"features": tuple(found[0]["features"])}) if found else None


def decision(connection: warehouse.Connection, run_id: str) -> str | None:
    """What was decided on a run; None when there is no such run."""
    found = warehouse.fetch(
        connection, "select decision from ml.cluster_runs where run_id = %s", [run_id]
    )
    return str(found[0]["decision"]) if found else None


def activate(connection: warehouse.Connection, run_id: str, *, is_by_hand: bool = False) -> None:
    """Appends an activation: from now on SQL labels by this run.

    Raises:
        NexasatError: there is no such run, or it was refused.
    """
    decided = decision(connection, run_id)
    if decided is None:
        runs = warehouse.fetch(
            connection, "select run_id from ml.cluster_runs order by trained_at desc limit 5"
        )
        known = ", ".join(row["run_id"] for row in runs)
        raise NexasatError(
            f"there is no run {run_id!r}",
            hint=f"the latest runs: {known}; all are in marts.fct_cluster_runs"
            if known
            else "train one first: nexasat cluster",
            exit_code=ExitCode.USAGE,
        )
    if decided != ACTIVATED:
        raise refusal(run_id, decided)
    warehouse.execute(
        connection,
        "insert into ml.cluster_activations (run_id, is_by_hand) values (%s, %s)",
        [run_id, is_by_hand],
    )


def refusal(run_id: str, decided: str) -> NexasatError:
    """The error that tells why a run labels nobody."""
    return NexasatError(
        f"run {run_id} {decided}; the old run stays in force",
        hint="after a build marts.fct_cluster_runs and fct_cluster_scans have its measures; change "
        "the recipe in seeds/config/cfg_cluster_recipes.csv, or its stability_floor with a reason",
        exit_code=ExitCode.NOT_TRUSTED,
    )


def clustering(
    connection: warehouse.Connection, run_id: str, features: tuple[str, ...]
) -> Clustering:
    """A run as it is stored, its features in the order that is given."""
    scalers = {
        row["feature_name"]: row
        for row in warehouse.fetch(
            connection, "select * from ml.cluster_scalers where run_id = %s", [run_id]
        )
    }
    centres = {
        (row["cluster_id"], row["feature_name"]): row
        for row in warehouse.fetch(
            connection, "select * from ml.cluster_centroids where run_id = %s", [run_id]
        )
    }
    [run] = warehouse.fetch(
        connection, "select inertia, silhouette from ml.cluster_runs where run_id = %s", [run_id]
    )
    numbers = sorted({number for number, _ in centres})
    scaled, deviations = (
        np.array([[centres[number, name][part] for name in features] for number in numbers], float)
        for part in ("centroid_scaled", "centroid_deviation")
    )
    return Clustering(
        scaler=Scaler(
            mean=np.array([scalers[name]["feature_mean"] for name in features]),
            scale=np.array([scalers[name]["feature_scale"] for name in features]),
            is_log=scalers[features[0]]["transformation"] == "log",
        ),
        centroids=scaled,
        deviations=deviations,
        numbers=tuple(numbers),
        inertia=run["inertia"],
        silhouette=run["silhouette"],
    )


def store(
    connection: warehouse.Connection,
    facts: dict[str, object],
    features: tuple[str, ...],
    trained: Clustering,
) -> None:
    """Writes a run with its scaler and centroids; call it inside a transaction."""
    run_id = facts["run_id"]
    copy(connection, "cluster_runs", list(facts), [list(facts.values())])
    scaler = trained.scaler
    scales = zip(features, scaler.mean.tolist(), scaler.scale.tolist(), strict=True)
    transformation = "log" if scaler.is_log else "none"
    copy(
        connection,
        "cluster_scalers",
        ["run_id", "feature_name", "feature_mean", "feature_scale", "transformation"],
        [[run_id, *scale, transformation] for scale in scales],
    )
    parts = [part.tolist() for part in (trained.values(), trained.centroids, trained.deviations)]
    names = ["centroid_value", "centroid_scaled", "centroid_deviation"]
    copy(
        connection,
        "cluster_centroids",
        ["run_id", "cluster_id", "feature_name", *names],
        [
            [run_id, number, name, *(part[row][column] for part in parts)]
            for row, number in enumerate(trained.numbers)
            for column, name in enumerate(features)
        ],
    )


def store_scan(connection: warehouse.Connection, run_id: str, choice: Choice) -> None:
    """Writes how the number of clusters of a run was chosen; its run is stored before it."""
    copy(
        connection,
        "cluster_scans",
        ["run_id", *(field.name for field in fields(Scanned)), "votes", "is_chosen"],
        [
            [run_id, *astuple(row), votes, row.cluster_count == choice.cluster_count]
            for row, votes in zip(choice.scanned, choice.votes, strict=True)
        ],
    )


def scan(connection: warehouse.Connection, run_id: str) -> Choice:
    """How the number of clusters of a run was chosen; nothing scanned where it was given."""
    rows = warehouse.fetch(
        connection,
        "select * from ml.cluster_scans where run_id = %s order by cluster_count",
        [run_id],
    )
    names = [field.name for field in fields(Scanned)]
    chosen = [row["cluster_count"] for row in rows if row["is_chosen"]]
    return Choice(
        cluster_count=chosen[0] if chosen else 0,
        scanned=tuple(Scanned(**{name: row[name] for name in names}) for row in rows),
        votes=tuple(row["votes"] for row in rows),
    )


def store_overlaps(
    connection: warehouse.Connection,
    run_id: str,
    numbers: tuple[int, ...],
    jaccards: Sequence[float],
) -> None:
    """Writes how well each cluster of a run was found again; its run is stored before it."""
    rows = [[run_id, *pair] for pair in zip(numbers, jaccards, strict=True)]
    copy(connection, "cluster_overlaps", ["run_id", "cluster_id", "jaccard"], rows)


def store_bands(
    connection: warehouse.Connection,
    run_id: str,
    features: tuple[str, ...],
    bands: Sequence[Bands],
) -> None:
    """Writes how the training customers of a run were spread; its run is stored before it."""
    rows = [
        [run_id, name, number, *band]
        for name, found in zip(features, bands, strict=True)
        for number, band in enumerate(zip([*found.uppers, None], found.shares, strict=True), 1)
    ]
    columns = ["run_id", "feature_name", "band_number", "upper_value", "training_share"]
    copy(connection, "cluster_bands", columns, rows)


def copy(
    connection: warehouse.Connection,
    table: str,
    columns: list[str],
    rows: Iterable[Iterable[object]],
) -> None:
    """Appends rows to a table of `ml`."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    warehouse.copy_in(connection, "ml", table, columns, [text.getvalue()])
