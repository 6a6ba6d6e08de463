"""Stability: clear groups are stable, a cloud is not, and single clusters are told apart."""

import numpy as np
import pytest

from nexasat import clustering, stability
from nexasat.clusters import Floats, Recipe, Stability

RECIPE = Recipe(
    recipe_name="behaviour",
    population="active",
    features=("monthly_bill_amount", "tenure_months"),
    transformation="none",
    scaler="standard",
    algorithm="kmeans",
    cluster_count_from=3,
    cluster_count_to=3,
    random_seed=42,
    initialisations=5,
    tolerance=0.0,
    training_limit=100_000,
    stability_floor=0.75,
)


def _measure(rows: Floats, count: int = 3) -> Stability:
    trained = clustering.train(rows, RECIPE, count)
    scaled = trained.scaler.apply(rows)
    return stability.measure(scaled, trained.centroids, RECIPE, lambda _: None)


def _groups(*centres: tuple[float, float]) -> Floats:
    noise = np.random.default_rng(5).normal(size=(100 * len(centres), 2))
    rows: Floats = np.repeat(np.array(centres), 100, axis=0) + noise
    return rows


def test_clear_groups_are_found_again_by_everything() -> None:
    found = _measure(_groups((0, 0), (20, 0), (0, 20)))
    assert found == Stability(1.0, 1.0, 1.0, (1.0, 1.0, 1.0))


def test_a_cloud_is_no_stable_cluster() -> None:
    found = _measure(_groups((0, 0), (0, 0), (0, 0)), count=5)
    assert found.bootstrap_ari < 0.75
    assert found.split_half_ari < 0.75
    assert found.ward_ari < 0.6


def test_a_cluster_too_many_shows_in_the_overlaps() -> None:
    """One of three clear groups has to be cut in two, now this one and now that."""
    found = _measure(_groups((0, 0), (20, 0), (0, 20)), count=4)
    assert min(found.jaccards) < 0.9
    assert found.bootstrap_ari < 1.0


def test_the_same_rows_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _groups((0, 0), (2, 0), (0, 2))
    assert _measure(rows) == _measure(rows.copy())
    monkeypatch.setattr(stability, "CUSTOMERS", 150)
    assert _measure(rows) == _measure(rows.copy())


def test_few_customers() -> None:
    """Fewer than two for each cluster and half: what cannot be measured is not claimed."""
    found = _measure(np.array([[0.0, 0.0], [1.0, 5.0], [9.0, 3.0], [4.0, 4.0]]))
    assert found.split_half_ari == 0.0
    assert found.ward_ari == 1.0
