"""Drift: a run that a person keeps in force while the customers change is told of."""

import csv
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

from nexasat import features, recipes, registry, warehouse
from nexasat.generate import write_extract
from nexasat.settings import Settings

SMALLEST = 0.0001


def _moved_on(folder: Path) -> Path:
    """An extract in which everybody has stayed for two years longer."""
    path = folder / "later.csv"
    write_extract(path, 3_000, 7, lambda _: None)
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    column = [name.lower() for name in header].index("tenure_months")
    with path.open("w", newline="", encoding="utf-8") as file:
        moved = [[*row[:column], int(row[column]) + 24, *row[column + 1 :]] for row in rows]
        csv.writer(file, lineterminator="\n").writerows([header, *moved])
    return path


def _index(then: np.ndarray, today: np.ndarray) -> float:
    edges = np.unique(np.quantile(then, np.arange(1, 10) / 10, method="inverted_cdf"))
    cuts = [-np.inf, *edges, np.inf]
    shares = []
    for values in (then, today):
        counts = [((values > low) & (values <= high)).mean() for low, high in pairwise(cuts)]
        shares.append(np.maximum(counts, SMALLEST))
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def test_a_build_tells_that_the_customers_have_moved_on(
    dbt_settings: Callable[..., Settings],
    nexasat: Callable[..., subprocess.CompletedProcess[str]],
    synthetic_template: str,
    tmp_path: Path,
) -> None:
    settings = dbt_settings("cluster_drift", synthetic_template)
    parameters = settings.environment
    with warehouse.connect(parameters) as connection:
        recipe = recipes.read(connection, None)
        then = features.read(connection, recipe)
        quiet = warehouse.fetch(connection, "select * from marts.rpt_cluster_drift")
        assert {row["subject"] for row in quiet} == {*recipe.features, "labels"}
        assert not any(row["drift_value"] for row in quiet)
        run = registry.active_run(connection)
        assert run is not None
        registry.activate(connection, run.run_id, is_by_hand=True)
    done = nexasat(settings, "build", "--csv", _moved_on(tmp_path))
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stdout.splitlines() if line.startswith("warning ")]
    assert any("differ in tenure_months by an index of" in line for line in told)
    assert not any("data_usage" in line for line in told)
    with warehouse.connect(parameters) as connection:
        today = features.read(connection, recipe)
        drifted = warehouse.fetch(connection, "select * from marts.rpt_cluster_drift")
    found = {row["subject"]: row["drift_value"] for row in drifted}
    assert found.pop("labels") is None
    for column, name in enumerate(recipe.features):
        wanted = _index(then[:, column], today[:, column])
        np.testing.assert_allclose(found[name], wanted, rtol=1e-9, err_msg=name)
    assert found["tenure_months"] > 0.25 > found["data_usage"] > 0
