"""The choice of the number of clusters: each measure, the votes, and repeatability."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

from nexasat import scanning
from nexasat.clusters import Floats, Recipe, Scanned

RECIPE = Recipe(
    recipe_name="behaviour",
    population="active",
    features=("monthly_bill_amount", "tenure_months"),
    transformation="none",
    scaler="standard",
    algorithm="kmeans",
    cluster_count_from=2,
    cluster_count_to=6,
    random_seed=42,
    initialisations=5,
    tolerance=0.0,
    training_limit=100_000,
    stability_floor=0.75,
)
CENTRES = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])


def _ignore(sentence: str) -> None:
    del sentence


@pytest.fixture(scope="module")
def groups() -> Floats:
    noise = np.random.default_rng(3).normal(size=(400, 2))
    rows: Floats = np.repeat(CENTRES, 100, axis=0) + noise
    return rows


def test_the_groups_that_are_there_are_chosen(groups: Floats) -> None:
    told: list[str] = []
    choice = scanning.choose(groups, RECIPE, told.append)
    assert choice.cluster_count == 4
    assert choice.votes == (0, 0, 5, 0, 0)
    assert [row.cluster_count for row in choice.scanned] == [2, 3, 4, 5, 6]
    assert told == [f"measuring {count} clusters on 400 customers" for count in range(2, 7)]


def test_the_measures_are_those_of_scikit_learn(groups: Floats) -> None:
    scaled = scanning.sample(groups, RECIPE)
    [found] = scanning.scan(scaled, RECIPE, [4], _ignore)
    model = KMeans(4, n_init=5, random_state=42, tol=0).fit(scaled)
    assert found.inertia == pytest.approx(model.inertia_)
    assert found.silhouette == pytest.approx(silhouette_score(scaled, model.labels_))
    assert found.calinski_harabasz == pytest.approx(calinski_harabasz_score(scaled, model.labels_))
    assert found.davies_bouldin == pytest.approx(davies_bouldin_score(scaled, model.labels_))
    assert found.gap > 0
    assert found.gap_error > 0


def test_the_same_rows_give_the_same_choice(groups: Floats) -> None:
    first, second = (scanning.choose(groups.copy(), RECIPE, _ignore) for _ in range(2))
    assert first == second


def test_a_range_of_one_number_is_not_scanned(groups: Floats) -> None:
    recipe = replace(RECIPE, cluster_count_from=3, cluster_count_to=3)
    choice = scanning.choose(groups, recipe, pytest.fail)
    assert (choice.cluster_count, choice.scanned) == (3, ())


def test_many_customers_are_scanned_by_a_seeded_sample(
    groups: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "SCAN_CUSTOMERS", 100)
    first = scanning.sample(groups, RECIPE)
    assert first.shape == (100, 2)
    assert scanning.sample(groups, RECIPE).tolist() == first.tolist()
    assert scanning.sample(groups, replace(RECIPE, random_seed=1)).tolist() != first.tolist()
    assert scanning.choose(groups, RECIPE, _ignore).cluster_count == 4


def _scanned(count: int, inertia: float = 1.0, gap: float = 0.0, gap_error: float = 0.0) -> Scanned:
    return Scanned(count, inertia, 0.0, 0.0, 0.0, gap, gap_error)


def test_the_elbow_lies_farthest_below_the_chord() -> None:
    curve = [_scanned(count, inertia) for count, inertia in enumerate([100, 60, 20, 15, 10], 2)]
    assert scanning.elbow(curve) == 4


@pytest.mark.parametrize(
    ("gaps", "error", "wanted"),
    [([0.1, 0.5, 0.4], 0.0, 3), ([0.1, 0.2, 0.25], 0.1, 2), ([0.1, 0.2, 0.3], 0.05, None)],
    ids=["falls", "within_the_error", "always_rises"],
)
def test_the_first_gap(gaps: list[float], error: float, wanted: int | None) -> None:
    rows = [_scanned(count, gap=gap, gap_error=error) for count, gap in enumerate(gaps, start=2)]
    assert scanning.first_gap(rows) == wanted


def test_the_better_silhouette_decides_between_equal_votes(
    groups: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [replace(_scanned(count), silhouette=count / 10) for count in (2, 3, 4)]
    monkeypatch.setattr(scanning, "scan", lambda *_: rows)
    monkeypatch.setattr(scanning, "count_votes", lambda _: [2, 2, 1])
    assert scanning.choose(groups, RECIPE, _ignore).cluster_count == 3
