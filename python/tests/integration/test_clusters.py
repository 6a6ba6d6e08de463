"""Clustering in the warehouse: the published clusters, and labels by SQL as by scikit-learn."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

from nexasat import labels, registry, warehouse
from nexasat.clusters import Clustering, Floats
from nexasat.errors import ExitCode, NexasatError
from nexasat.labels import FEATURES, Run

FreshDatabase = Callable[..., dict[str, str]]
Rows = list[warehouse.Row]

LABELS = """
    select customer_id, cluster_id from intermediate.int_customers_cluster_assigned
    order by customer_id
"""
EVERYBODY = "select * from intermediate.int_customers_featured order by customer_id"
SHUFFLE = """
    create temporary table shuffled as
    select * from marts.fct_customer_features order by md5(customer_id || %s);
"""
PUT_BACK = """
    truncate marts.fct_customer_features;
    insert into marts.fct_customer_features select * from shuffled;
    drop table shuffled;
"""
CLOCKS = ("trained_at", "activation_id", "activated_at")
FORGET = "truncate ml.cluster_runs cascade"


@pytest.fixture(scope="module", params=["real_warehouse", "synthetic_warehouse"])
def built(request: pytest.FixtureRequest) -> Iterator[warehouse.Connection]:
    """Either warehouse, only to be read."""
    with warehouse.connect(request.getfixturevalue(request.param)) as connection:
        yield connection


@pytest.fixture
def copy(synthetic_template: str, fresh_database: FreshDatabase) -> Iterator[warehouse.Connection]:
    """A warehouse of the test's own, clustered already."""
    with warehouse.connect(fresh_database("clusters", synthetic_template)) as connection:
        yield connection


def _ignore(sentence: str) -> None:
    del sentence


def _cluster(connection: warehouse.Connection, recipe: str | None = None) -> Run:
    return labels.cluster(connection, recipe, _ignore)


def _all(connection: warehouse.Connection) -> dict[str, Rows]:
    """Everything in schema ml but the moment of training."""
    return {
        table: [
            {
                name: value
                for name, value in row.items()
                if name not in ("trained_at", "activation_id", "activated_at")
            }
            for row in warehouse.fetch(connection, f"select * from ml.{table} order by 1, 2, 3")
        ]
        for table in ("cluster_runs", "cluster_scalers", "cluster_centroids", "cluster_activations")
    }


def _shuffle(connection: warehouse.Connection, salt: str) -> None:
    warehouse.execute(connection, SHUFFLE, [salt])
    warehouse.execute(connection, PUT_BACK)


def test_the_published_clusters(real_warehouse: dict[str, str]) -> None:
    with warehouse.connect(real_warehouse) as connection:
        found = warehouse.fetch(connection, "select customers from marts.rpt_cluster_profiles")
        [run] = warehouse.fetch(connection, "select * from marts.fct_cluster_runs")
    sizes = sorted(row["customers"] for row in found)
    assert sizes == pytest.approx([424, 824, 832, 1044, 1148], abs=10)
    assert sum(sizes) == run["labelled_customers"] == run["training_customers"] == 4272
    assert run["silhouette"] == pytest.approx(0.316, abs=0.001)
    assert run["is_current"]
    assert run["decision"] == "activated"
    assert run["bootstrap_ari"] >= 0.93
    assert run["split_half_ari"] == pytest.approx(0.90, abs=0.05)
    assert run["ward_ari"] == pytest.approx(0.64, abs=0.005)


def test_the_scan_chooses_the_published_number(real_warehouse: dict[str, str]) -> None:
    """Most of the five measures vote for it."""
    with warehouse.connect(real_warehouse) as connection:
        found = warehouse.fetch(
            connection, "select * from marts.fct_cluster_scans order by cluster_count"
        )
    assert [row["cluster_count"] for row in found] == list(range(2, 11))
    assert [row["cluster_count"] for row in found if row["is_chosen"]] == [5]
    assert sum(row["votes"] for row in found) <= 5
    assert found[3]["votes"] >= 3
    inertias = [row["inertia"] for row in found]
    assert inertias == sorted(inertias, reverse=True)
    assert found[3]["silhouette"] == pytest.approx(0.316, abs=0.02), "of the scanned sample"


def test_clusters_are_numbered_by_rising_mean_bill(built: warehouse.Connection) -> None:
    profiles = warehouse.fetch(
        built, "select * from marts.rpt_cluster_profiles order by cluster_id"
    )
    assert [row["cluster_id"] for row in profiles] == [1, 2, 3, 4, 5]
    bills = [row["mean_monthly_bill_amount"] for row in profiles]
    assert bills == sorted(bills)
    assert len({row["cluster_name"] for row in profiles}) == 5


def _trained(connection: warehouse.Connection) -> Clustering:
    """The run in force, as it is stored."""
    stored = _all(connection)
    scalers = {row["feature_name"]: row for row in stored["cluster_scalers"]}
    centroids = np.zeros((len(stored["cluster_centroids"]) // len(FEATURES), len(FEATURES)))
    for row in stored["cluster_centroids"]:
        column = FEATURES.index(row["feature_name"])
        centroids[row["cluster_id"] - 1, column] = row["centroid_scaled"]
    [run] = stored["cluster_runs"]
    return Clustering(
        mean=np.array([scalers[name]["feature_mean"] for name in FEATURES]),
        scale=np.array([scalers[name]["feature_scale"] for name in FEATURES]),
        centroids=centroids,
        numbers=tuple(range(1, len(centroids) + 1)),
        inertia=run["inertia"],
        silhouette=run["silhouette"],
    )


def _features(rows: Rows) -> Floats:
    return np.array([[row[name] for name in FEATURES] for row in rows], dtype=np.float64)


def _predicted(trained: Clustering, features: Floats) -> list[int]:
    """What scikit-learn's `predict` says of these centroids."""
    scaled = (features - trained.mean) / trained.scale
    model = KMeans(n_clusters=len(trained.centroids), n_init=1, init=trained.centroids, max_iter=1)
    model.fit(scaled).cluster_centers_ = trained.centroids
    labels: list[int] = (model.predict(scaled) + 1).tolist()
    return labels


def test_every_label_by_sql_is_that_of_scikit_learn(built: warehouse.Connection) -> None:
    """Of churned customers too, whom it was not trained on; and the tiers' mart shows them."""
    found = warehouse.fetch(built, LABELS)
    everybody = warehouse.fetch(built, EVERYBODY)
    assert [row["customer_id"] for row in found] == [row["customer_id"] for row in everybody]
    assert len(found) == 7043
    trained, features = _trained(built), _features(everybody)
    labels = [row["cluster_id"] for row in found]
    assert labels == _predicted(trained, features)
    assert labels == trained.label(features).tolist()
    active = [row["customer_id"] for row in everybody if not row["is_churned"]]
    query = "select customer_id, cluster_id from marts.fct_customer_segments order by customer_id"
    shown = [row for row in found if row["customer_id"] in set(active)]
    assert warehouse.fetch(built, query) == shown


def test_distances_and_margins_by_sql_are_those_of_numpy(built: warehouse.Connection) -> None:
    found = warehouse.fetch(
        built,
        "select * from intermediate.int_customers_cluster_assigned order by customer_id",
    )
    trained = _trained(built)
    scaled = (_features(warehouse.fetch(built, EVERYBODY)) - trained.mean) / trained.scale
    distances = np.sqrt(((scaled[:, None, :] - trained.centroids[None]) ** 2).sum(axis=2))
    order = np.argsort(distances, axis=1, kind="stable")
    nearest, second = (np.take_along_axis(distances, order[:, [rank]], 1)[:, 0] for rank in (0, 1))
    assert [row["second_cluster_id"] for row in found] == (order[:, 1] + 1).tolist()
    for name, wanted in [
        ("cluster_distance", nearest),
        ("second_cluster_distance", second),
        ("cluster_margin", second - nearest),
    ]:
        np.testing.assert_allclose([row[name] for row in found], wanted, atol=1e-12)


def test_the_scaler_is_that_of_the_active_customers(built: warehouse.Connection) -> None:
    features = _features(warehouse.fetch(built, "select * from marts.fct_customer_features"))
    scaler, trained = StandardScaler().fit(features), _trained(built)
    np.testing.assert_allclose(trained.mean, scaler.mean_, rtol=1e-12)
    np.testing.assert_allclose(trained.scale, scaler.scale_, rtol=1e-12)


def test_centroids_are_the_means_of_their_customers(built: warehouse.Connection) -> None:
    """Nothing moves any more, and the two units of a centroid agree."""
    [found] = warehouse.fetch(
        built,
        """
        select count(*) as all_values, count(*) filter (
            where abs(centroid_value - mean_value) < 1e-9
            and abs(centroid_scaled - (mean_value - feature_mean) / feature_scale) < 1e-9
        ) as right_values
        from ml.cluster_centroids
        inner join ml.cluster_scalers using (run_id, feature_name)
        inner join (
            select cluster_id, feature_name, avg(value) as mean_value
            from marts.fct_customer_features
            inner join intermediate.int_customers_cluster_assigned using (customer_id)
            cross join lateral (values
                ('monthly_bill_amount', monthly_bill_amount), ('tenure_months', tenure_months),
                ('data_usage', data_usage), ('call_duration', call_duration)
            ) as melted (feature_name, value)
            group by cluster_id, feature_name
        ) as means using (cluster_id, feature_name)
        """,
    )
    assert found == {"all_values": 20, "right_values": 20}


def test_a_run_in_force_is_kept(copy: warehouse.Connection) -> None:
    before = warehouse.fetch(copy, "select * from ml.cluster_runs")
    run = _cluster(copy)
    assert not run.is_new
    assert warehouse.fetch(copy, "select * from ml.cluster_runs") == before


def test_shuffled_rows_give_the_same_centroids(copy: warehouse.Connection) -> None:
    before = _all(copy)
    first = "select array_agg(customer_id) as ids from marts.fct_customer_features"
    order = warehouse.fetch(copy, first)
    for salt in ("a", "b"):
        _shuffle(copy, salt)
        assert warehouse.fetch(copy, first) != order
        assert not _cluster(copy).is_new, "the order of the rows is in the fingerprint"
        warehouse.execute(copy, FORGET)
        assert _cluster(copy).is_new
        assert _all(copy) == before


def test_a_sample_trains_when_there_are_more_customers_than_the_limit(
    copy: warehouse.Connection,
) -> None:
    warehouse.execute(
        copy,
        "update marts.dim_cluster_recipes set training_limit = 1000,"
        " cluster_count_from = 5, cluster_count_to = 5",
    )
    assert _cluster(copy).is_new
    first = _all(copy)
    runs = {row["training_customers"]: row for row in first["cluster_runs"]}
    assert set(runs) == {1000, 4272}
    assert runs[1000]["labelled_customers"] == 4272
    sampled = [row for row in first["cluster_centroids"] if row["run_id"] == runs[1000]["run_id"]]
    whole = [row for row in first["cluster_centroids"] if row["run_id"] == runs[4272]["run_id"]]
    for one, other in zip(sampled, whole, strict=True):
        difference = abs(one["centroid_scaled"] - other["centroid_scaled"])
        assert 0 < difference < 0.5, "the sample is all customers, or does not stand for them"
    _shuffle(copy, "c")
    warehouse.execute(copy, FORGET)
    _cluster(copy)
    again = _all(copy)
    assert again["cluster_centroids"] == sampled
    warehouse.execute(copy, "update marts.dim_cluster_recipes set random_seed = 43")
    _cluster(copy)
    assert {row["random_seed"] for row in _all(copy)["cluster_runs"]} == {42, 43}
    assert _all(copy)["cluster_scalers"][:4] != _all(copy)["cluster_scalers"][4:]


def _ids(connection: warehouse.Connection) -> dict[int, float]:
    """Mean bill of each cluster of the run in force."""
    rows = warehouse.fetch(
        connection,
        "select cluster_id, centroid_value from ml.cluster_centroids"
        " where feature_name = 'monthly_bill_amount' and run_id = ("
        "select run_id from ml.cluster_activations order by activation_id desc limit 1)",
    )
    return {row["cluster_id"]: row["centroid_value"] for row in rows}


def test_clusters_keep_their_number_from_run_to_run(copy: warehouse.Connection) -> None:
    """Bills are turned over, so by rising bill the numbers would be turned over too."""
    before = _ids(copy)
    warehouse.execute(
        copy,
        "update marts.fct_customer_features set monthly_bill_amount = monthly_bill_amount"
        " + 0.25 * data_usage",
    )
    assert _cluster(copy).is_new
    after = _ids(copy)
    assert sorted(after) == sorted(before)
    assert list(after.values()) != list(before.values())
    assert max(abs(after[number] - before[number]) for number in before) < 20
    rising = [after[number] for number in sorted(after)]
    assert rising != sorted(rising), "the order by bill is still the same: the test shows nothing"


def test_an_earlier_run_comes_back_without_training(copy: warehouse.Connection) -> None:
    first = registry.active_run(copy)
    assert first is not None
    assert not first.is_by_hand
    warehouse.execute(
        copy, "update marts.fct_customer_features set tenure_months = tenure_months + 1"
    )
    second = _cluster(copy)
    assert second.run_id != first.run_id
    registry.activate(copy, first.run_id, is_by_hand=True)
    chosen = registry.active_run(copy)
    assert chosen is not None
    assert (chosen.run_id, chosen.is_by_hand) == (first.run_id, True)
    told: list[str] = []
    assert labels.refresh(copy, told.append).run_id == first.run_id, "a build undid the choice"
    assert "chosen by hand" in told[0]
    assert _cluster(copy) == Run(second.run_id, is_new=True)
    activations = warehouse.fetch(
        copy, "select run_id, is_by_hand from ml.cluster_activations order by activation_id"
    )
    assert [tuple(row.values()) for row in activations] == [
        (first.run_id, False),
        (second.run_id, False),
        (first.run_id, True),
        (second.run_id, False),
    ], "history is only added to"
    assert len(warehouse.fetch(copy, "select * from ml.cluster_runs")) == 2


def test_a_run_that_is_not_there_cannot_come_back(copy: warehouse.Connection) -> None:
    before = _all(copy)
    with pytest.raises(NexasatError, match="there is no run 'nothing'") as raised:
        registry.activate(copy, "nothing", is_by_hand=True)
    assert raised.value.exit_code == ExitCode.USAGE
    assert before["cluster_runs"][0]["run_id"] in raised.value.hint
    assert _all(copy) == before
