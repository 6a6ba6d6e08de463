"""The registry of clustering runs in schema `ml`: stored whole, activated one at a time."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np

from nexasat import warehouse
from nexasat.clusters import Choice, Clustering, Floats, Scanned
from nexasat.errors import ExitCode, NexasatError

ACTIVATED = "activated"


@dataclass(frozen=True)
class ActiveRun:
    """The run that labels the customers.

    Attributes:
        run_id: its fingerprint.
        recipe_name: what it was made by.
        is_by_hand: True when a person chose it with `nexasat cluster --activate`.
    """

    run_id: str
    recipe_name: str
    is_by_hand: bool


def active_run(connection: warehouse.Connection) -> ActiveRun | None:
    """The run of the latest activation; None before the first one."""
    found = warehouse.fetch(
        connection,
        "select run_id, recipe_name, is_by_hand from ml.cluster_activations"
        " inner join ml.cluster_runs using (run_id) order by activation_id desc limit 1",
    )
    return ActiveRun(**found[0]) if found else None


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


def centroids(
    connection: warehouse.Connection, run_id: str, features: tuple[str, ...]
) -> tuple[list[int], Floats]:
    """Numbers of the clusters of a run, rising, and their centroids in the features' own units."""
    found = warehouse.fetch(
        connection,
        "select cluster_id, feature_name, centroid_value from ml.cluster_centroids"
        " where run_id = %s",
        [run_id],
    )
    values = {(row["cluster_id"], row["feature_name"]): row["centroid_value"] for row in found}
    numbers = sorted({number for number, _ in values})
    return numbers, np.array([[values[number, name] for name in features] for number in numbers])


def store(
    connection: warehouse.Connection,
    facts: dict[str, object],
    features: tuple[str, ...],
    trained: Clustering,
) -> None:
    """Writes a run with its scaler and centroids; call it inside a transaction."""
    run_id = facts["run_id"]
    copy(connection, "cluster_runs", list(facts), [list(facts.values())])
    scales = zip(features, trained.mean.tolist(), trained.scale.tolist(), strict=True)
    copy(
        connection,
        "cluster_scalers",
        ["run_id", "feature_name", "feature_mean", "feature_scale"],
        [[run_id, *scale] for scale in scales],
    )
    values = trained.values().tolist()
    copy(
        connection,
        "cluster_centroids",
        ["run_id", "cluster_id", "feature_name", "centroid_value", "centroid_scaled"],
        [
            [run_id, number, name, values[row][column], trained.centroids[row, column].item()]
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


def store_overlaps(
    connection: warehouse.Connection,
    run_id: str,
    numbers: tuple[int, ...],
    jaccards: Sequence[float],
) -> None:
    """Writes how well each cluster of a run was found again; its run is stored before it."""
    rows = [[run_id, *pair] for pair in zip(numbers, jaccards, strict=True)]
    copy(connection, "cluster_overlaps", ["run_id", "cluster_id", "jaccard"], rows)


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
