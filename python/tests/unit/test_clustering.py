"""KMeans over arrays: order, numbers, repeatability, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from nexasat import clustering
from nexasat.clusters import Clustering, Floats, Recipe, Scaler, renumber
from nexasat.errors import ExitCode, NexasatError

RECIPE = Recipe(
    recipe_name="behaviour",
    population="active",
    features=("monthly_bill_amount", "tenure_months", "data_usage", "call_duration"),
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
CENTRES = np.array([[300.0, 10.0, 5.0, 50.0], [100.0, 50.0, 20.0, 300.0], [90.0, 5.0, 3.0, 100.0]])


def _customers(count: int = 300, seed: int = 1) -> Floats:
    """Three groups of customers around the centres, whose bills fall from group to group."""
    noise = np.random.default_rng(seed).normal(size=(count, 4))
    rows: Floats = np.repeat(CENTRES, count // 3, axis=0) + noise * np.array([5.0, 1.0, 0.5, 10.0])
    return rows


@pytest.fixture(scope="module")
def features() -> Floats:
    return _customers()


@pytest.fixture(scope="module")
def trained(features: Floats) -> Clustering:
    return clustering.train(features, RECIPE, 3)


def test_the_clusters_that_are_there_are_found(features: Floats, trained: Clustering) -> None:
    labels = trained.label(features)
    assert labels.tolist() == [3] * 100 + [2] * 100 + [1] * 100, "numbered by rising mean bill"
    np.testing.assert_allclose(trained.values(), CENTRES[::-1], atol=3.0)


def test_the_scaler_is_that_of_scikit_learn(features: Floats, trained: Clustering) -> None:
    np.testing.assert_allclose(trained.scaler.mean, features.mean(axis=0))
    np.testing.assert_allclose(trained.scaler.scale, features.std(axis=0))


@pytest.mark.parametrize(
    ("scaler", "peer"),
    [("standard", StandardScaler()), ("minmax", MinMaxScaler()), ("robust", RobustScaler())],
)
@pytest.mark.parametrize("transformation", ["none", "log"])
def test_every_scaler_is_that_of_scikit_learn(
    features: Floats,
    scaler: str,
    peer: StandardScaler | MinMaxScaler | RobustScaler,
    transformation: str,
) -> None:
    rows = np.abs(features)
    recipe = replace(RECIPE, scaler=scaler, transformation=transformation)
    found = clustering.train(rows, recipe, 3)
    wanted = peer.fit_transform(np.log1p(rows) if transformation == "log" else rows)
    np.testing.assert_allclose(found.scaler.apply(rows), wanted, atol=1e-12)
    np.testing.assert_allclose(found.scaler.undo(wanted), rows, atol=1e-9)
    model = KMeans(3, n_init=5, random_state=42, tol=0).fit(wanted)
    assert found.inertia == pytest.approx(model.inertia_)
    z_scores = StandardScaler().fit_transform(wanted)
    means = [z_scores[found.label(rows) == number].mean(axis=0) for number in (1, 2, 3)]
    np.testing.assert_allclose(found.deviations, means, atol=1e-9, err_msg="whatever the scaler")


def test_a_constant_feature_has_a_scale_of_one_under_every_scaler(features: Floats) -> None:
    """Customers drawn anew may all have the same."""
    rows = np.abs(features)
    rows[:, 2] = 7.0
    for name in ("standard", "minmax", "robust"):
        scaler = clustering.scaler_of(rows, replace(RECIPE, scaler=name))
        assert scaler.scale[2] == 1.0
        assert not scaler.apply(rows)[:, 2].any()


def test_small_batches_find_the_clusters_too(features: Floats, trained: Clustering) -> None:
    recipe = replace(RECIPE, algorithm="minibatch")
    found, again = (clustering.train(features, recipe, 3) for _ in range(2))
    assert found.label(features).tolist() == trained.label(features).tolist()
    assert found.centroids.tobytes() == again.centroids.tobytes()
    assert isinstance(clustering.fit(features, recipe, 3), MiniBatchKMeans)


def test_the_labels_are_those_of_scikit_learn(features: Floats, trained: Clustering) -> None:
    model = KMeans(n_clusters=3, n_init=1, init=trained.centroids, max_iter=1)
    scaled = StandardScaler().fit_transform(features)
    model.fit(scaled).cluster_centers_ = trained.centroids
    assert (model.predict(scaled) + 1).tolist() == trained.label(features).tolist()


def test_inertia_and_silhouette_are_those_of_the_labels(
    features: Floats, trained: Clustering
) -> None:
    scaled = trained.scaler.apply(features)
    labels = trained.label(features)
    distances = ((scaled - trained.centroids[labels - 1]) ** 2).sum()
    assert trained.inertia == pytest.approx(distances)
    assert trained.silhouette == pytest.approx(silhouette_score(scaled, labels))
    assert trained.silhouette > 0.8


def test_every_centroid_is_the_mean_of_its_rows(features: Floats, trained: Clustering) -> None:
    """So nothing moves any more: it has converged."""
    scaled = trained.scaler.apply(features)
    labels = trained.label(features)
    means = [scaled[labels == number].mean(axis=0) for number in (1, 2, 3)]
    np.testing.assert_allclose(trained.centroids, means, atol=1e-9)


def test_the_same_rows_give_the_same_to_the_last_bit(features: Floats, trained: Clustering) -> None:
    again = clustering.train(features.copy(), RECIPE, 3)
    assert again.centroids.tobytes() == trained.centroids.tobytes()
    assert (again.inertia, again.silhouette) == (trained.inertia, trained.silhouette)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_order_of_the_rows_does_not_matter(
    features: Floats, trained: Clustering, seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(features))
    assert (order != np.arange(len(features))).any()
    shuffled = clustering.train(features[order], RECIPE, 3)
    assert shuffled.label(features).tolist() == trained.label(features).tolist()


def test_the_seed_does_not_matter_where_the_groups_are_clear(
    features: Floats, trained: Clustering
) -> None:
    other = clustering.train(features, replace(RECIPE, random_seed=7), 3)
    assert other.label(features).tolist() == trained.label(features).tolist()


def test_a_feature_that_is_constant_is_refused(features: Floats) -> None:
    constant = features.copy()
    constant[:, 2] = 7.0
    told = "data_usage is the same for all 300 customers: it tells no clusters apart"
    with pytest.raises(NexasatError, match=told) as raised:
        clustering.train(constant, RECIPE, 3)
    assert raised.value.exit_code == ExitCode.NOT_CLUSTERED
    assert "recipe 'behaviour'" in raised.value.hint


def test_as_many_clusters_as_different_customers() -> None:
    features = np.repeat(CENTRES, 4, axis=0)
    found = clustering.train(features, RECIPE, 3)
    assert found.label(CENTRES).tolist() == [3, 2, 1]
    assert found.inertia == pytest.approx(0)


def test_one_cluster_has_no_silhouette(features: Floats) -> None:
    found = clustering.train(features, RECIPE, 1)
    assert found.silhouette == 0.0
    assert set(found.label(features)) == {1}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (CENTRES[:2], r"2 customers \(2 different ones\) cannot make 3 clusters"),
        (
            np.repeat(CENTRES[:2], 50, axis=0),
            r"100 customers \(2 different ones\) cannot make 3 clusters",
        ),
    ],
)
def test_too_few_different_customers(rows: Floats, told: str) -> None:
    with pytest.raises(NexasatError, match=told) as raised:
        clustering.train(rows, RECIPE, 3)
    assert raised.value.exit_code == ExitCode.NOT_CLUSTERED
    assert "cfg_cluster_recipes" in raised.value.hint


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_no_number(features: Floats, value: float) -> None:
    spoilt = features.copy()
    spoilt[4, 2] = value
    with pytest.raises(NexasatError, match="data_usage of customer row 5 is no number") as raised:
        clustering.train(spoilt, RECIPE, 3)
    assert raised.value.exit_code == ExitCode.NOT_CLUSTERED


def test_the_silhouette_of_many_customers_is_that_of_a_seeded_sample() -> None:
    features = _customers(clustering.SILHOUETTE_CUSTOMERS + 2_500)
    recipe = replace(RECIPE, initialisations=1)
    first = clustering.train(features, recipe, 3)
    second = clustering.train(features, recipe, 3)
    other = clustering.train(features, replace(recipe, random_seed=7), 3)
    assert first.silhouette == second.silhouette
    assert first.silhouette != other.silhouette
    assert first.silhouette == pytest.approx(other.silhouette, abs=0.02)


def _numbered(values: list[float], numbers: tuple[int, ...] | None = None) -> Clustering:
    return Clustering(
        scaler=Scaler(mean=np.array([10.0]), scale=np.array([2.0])),
        centroids=(np.array(values)[:, None] - 10.0) / 2.0,
        deviations=np.array(values)[:, None],
        numbers=numbers or tuple(range(1, len(values) + 1)),
        inertia=0.0,
        silhouette=0.0,
    )


@pytest.mark.parametrize(
    ("earlier", "values", "wanted"),
    [
        ({1: 30.0, 2: 20.0, 3: 10.0}, [11.0, 19.0, 31.0], {1: 31.0, 2: 19.0, 3: 11.0}),
        # greedily 3 would take 19 and leave 1 with 40
        ({1: 20.0, 3: 18.0}, [19.0, 40.0], {1: 40.0, 3: 19.0}),
        ({2: 10.0, 4: 30.0}, [9.0, 20.0, 31.0], {1: 20.0, 2: 9.0, 4: 31.0}),
        ({1: 10.0, 2: 20.0, 3: 30.0}, [9.0, 31.0], {1: 9.0, 3: 31.0}),
    ],
    ids=["turned_over", "as_a_whole", "one_more", "one_less"],
)
def test_clusters_take_the_numbers_of_earlier_ones(
    earlier: dict[int, float], values: list[float], wanted: dict[int, float]
) -> None:
    found = renumber(_numbered(values), _numbered([*earlier.values()], tuple(earlier)))
    np.testing.assert_array_equal(found.deviations, found.values(), "moved with the centroids")
    assert dict(zip(found.numbers, found.values()[:, 0].tolist(), strict=True)) == wanted
    assert list(found.numbers) == sorted(found.numbers)
    assert found.label(np.array([[value] for value in wanted.values()])).tolist() == list(wanted)
