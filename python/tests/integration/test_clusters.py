"""Clustering in the warehouse: the published clusters, and labels that keep their number."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

from nexasat import labels, warehouse
from nexasat.labels import FEATURES, Run

FreshDatabase = Callable[..., dict[str, str]]
Rows = list[warehouse.Row]

NEAREST = """
    with distances as (
        select
            features.customer_id,
            centroids.cluster_id,
            row_number() over (
                partition by features.customer_id
                order by sum(
                    power((value - feature_mean) / feature_scale - centroid_scaled, 2)
                ) asc
            ) as nearness
        from marts.fct_customer_features as features
        cross join lateral (values
            ('monthly_bill_amount', features.monthly_bill_amount),
            ('tenure_months', features.tenure_months),
            ('data_usage', features.data_usage),
            ('call_duration', features.call_duration)
        ) as melted (feature_name, value)
        inner join ml.cluster_scalers using (feature_name)
        inner join ml.cluster_centroids as centroids using (run_id, feature_name)
        group by features.customer_id, centroids.cluster_id
    )

    select customer_id, cluster_id from distances where nearness = 1 order by customer_id
"""
LABELS = "select customer_id, cluster_id from ml.customer_clusters order by customer_id"
SHUFFLE = """
    create temporary table shuffled as
    select * from marts.fct_customer_features order by md5(customer_id || %s);
"""
PUT_BACK = """
    truncate marts.fct_customer_features;
    insert into marts.fct_customer_features select * from shuffled;
    drop table shuffled;
"""
FORGET = "truncate ml.cluster_runs, ml.cluster_scalers, ml.cluster_centroids, ml.customer_clusters"


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
            {name: value for name, value in row.items() if name != "trained_at"}
            for row in warehouse.fetch(connection, f"select * from ml.{table} order by 1, 2, 3")
        ]
        for table in ("cluster_runs", "cluster_scalers", "cluster_centroids", "customer_clusters")
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


def test_clusters_are_numbered_by_rising_mean_bill(built: warehouse.Connection) -> None:
    profiles = warehouse.fetch(
        built, "select * from marts.rpt_cluster_profiles order by cluster_id"
    )
    assert [row["cluster_id"] for row in profiles] == [1, 2, 3, 4, 5]
    bills = [row["mean_monthly_bill_amount"] for row in profiles]
    assert bills == sorted(bills)
    assert len({row["cluster_name"] for row in profiles}) == 5


def test_every_label_is_the_nearest_centroid_by_sql(built: warehouse.Connection) -> None:
    found = warehouse.fetch(built, LABELS)
    assert len(found) > 4000
    assert found == warehouse.fetch(built, NEAREST)
    query = "select customer_id, cluster_id from marts.fct_customer_segments order by customer_id"
    assert found == warehouse.fetch(built, query)


def test_every_label_is_that_of_scikit_learn(built: warehouse.Connection) -> None:
    stored = _all(built)
    scalers = {row["feature_name"]: row for row in stored["cluster_scalers"]}
    centroids = np.zeros((5, len(FEATURES)))
    for row in stored["cluster_centroids"]:
        column = FEATURES.index(row["feature_name"])
        centroids[row["cluster_id"] - 1, column] = row["centroid_scaled"]
    rows = warehouse.fetch(built, "select * from marts.fct_customer_features")
    features = np.array([[row[name] for name in FEATURES] for row in rows])
    scaler = StandardScaler().fit(features)
    for column, name in enumerate(FEATURES):
        assert scalers[name]["feature_mean"] == pytest.approx(scaler.mean_[column], rel=1e-12)
        assert scalers[name]["feature_scale"] == pytest.approx(scaler.scale_[column], rel=1e-12)
    model = KMeans(n_clusters=5, n_init=1, init=centroids, max_iter=1).fit(features)
    model.cluster_centers_ = centroids
    predicted = (model.predict(scaler.transform(features)) + 1).tolist()
    by_customer = {row["customer_id"]: row["cluster_id"] for row in stored["customer_clusters"]}
    assert predicted == [by_customer[row["customer_id"]] for row in rows]


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
            inner join ml.customer_clusters using (customer_id)
            cross join lateral (values
                ('monthly_bill_amount', monthly_bill_amount), ('tenure_months', tenure_months),
                ('data_usage', data_usage), ('call_duration', call_duration)
            ) as melted (feature_name, value)
            group by cluster_id, feature_name
        ) as means using (cluster_id, feature_name)
        """,
    )
    assert found == {"all_values": 20, "right_values": 20}


def test_labels_in_force_are_kept(copy: warehouse.Connection) -> None:
    before = warehouse.fetch(copy, "select * from ml.cluster_runs")
    run = _cluster(copy)
    assert not run.is_new
    assert run.customers == 4272
    assert warehouse.fetch(copy, "select * from ml.cluster_runs") == before


def test_shuffled_rows_give_the_same_labels(copy: warehouse.Connection) -> None:
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
    warehouse.execute(copy, "update marts.dim_cluster_recipes set training_limit = 1000")
    assert _cluster(copy).is_new
    first = _all(copy)
    runs = {row["training_customers"]: row for row in first["cluster_runs"]}
    assert set(runs) == {1000, 4272}
    assert runs[1000]["labelled_customers"] == 4272
    assert len(first["customer_clusters"]) == 4272
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
    assert again["customer_clusters"] == first["customer_clusters"]
    warehouse.execute(copy, "update marts.dim_cluster_recipes set random_seed = 43")
    _cluster(copy)
    assert {row["random_seed"] for row in _all(copy)["cluster_runs"]} == {42, 43}
    assert _all(copy)["cluster_scalers"][:4] != _all(copy)["cluster_scalers"][4:]
