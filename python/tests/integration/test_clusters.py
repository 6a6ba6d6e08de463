"""Clusters in the warehouse: the published ones, and labels by SQL as by scikit-learn."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score
from sklearn.preprocessing import StandardScaler

from nexasat import registry, warehouse
from nexasat.clusters import Clustering, Floats

Rows = list[warehouse.Row]
BEHAVIOUR = ("monthly_bill_amount", "tenure_months", "data_usage", "call_duration")

LABELS = """
    select customer_id, cluster_id from intermediate.int_customers_cluster_assigned
    order by customer_id
"""
ACTIVE = "select * from marts.fct_customer_features where not is_churned order by customer_id"
EVERYBODY = "select * from intermediate.int_customers_featured order by customer_id"


@pytest.fixture(scope="module", params=["real_warehouse", "synthetic_warehouse"])
def built(request: pytest.FixtureRequest) -> Iterator[warehouse.Connection]:
    """Either warehouse, only to be read."""
    with warehouse.connect(request.getfixturevalue(request.param)) as connection:
        yield connection


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
    assert run["ward_ari"] == pytest.approx(0.56, abs=0.07), "a mean over samples of 2,500"


def test_wards_agreement_on_all_customers_is_the_published_one(
    real_warehouse: dict[str, str],
) -> None:
    """0.64, as published; samples of any size, 4,000 too, lie between 0.39 and 0.66."""
    with warehouse.connect(real_warehouse) as connection:
        features = _features(warehouse.fetch(connection, ACTIVE))
        labels = _trained(connection).label(features)
    ward = AgglomerativeClustering(n_clusters=5).fit_predict(
        StandardScaler().fit_transform(features)
    )
    assert adjusted_rand_score(labels, ward) == pytest.approx(0.64, abs=0.005)


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
    active = registry.active_run(connection)
    assert active is not None
    return registry.clustering(connection, active.run_id, active.features)


def _features(rows: Rows, names: Sequence[str] = BEHAVIOUR) -> Floats:
    return np.array([[row[name] for name in names] for row in rows], dtype=np.float64)


def _predicted(trained: Clustering, features: Floats) -> list[int]:
    """What scikit-learn's `predict` says of these centroids."""
    scaled = trained.scaler.apply(features)
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
    scaled = trained.scaler.apply(_features(warehouse.fetch(built, EVERYBODY)))
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
    features = _features(
        warehouse.fetch(built, "select * from marts.fct_customer_features where not is_churned")
    )
    scaler, trained = StandardScaler().fit(features), _trained(built)
    np.testing.assert_allclose(trained.scaler.mean, scaler.mean_, rtol=1e-12)
    np.testing.assert_allclose(trained.scaler.scale, scaler.scale_, rtol=1e-12)


def test_centroids_are_the_means_of_their_customers(built: warehouse.Connection) -> None:
    """Nothing moves any more, and the two units of a centroid agree."""
    [found] = warehouse.fetch(
        built,
        """
        select count(*) as all_values, count(*) filter (
            where abs(centroid_value - mean_value) < 1e-9
            and abs(centroid_scaled - (mean_value - feature_mean) / feature_scale) < 1e-9
            and abs(centroid_deviation - centroid_scaled) < 1e-9
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
            where not is_churned
            group by cluster_id, feature_name
        ) as means using (cluster_id, feature_name)
        """,
    )
    assert found == {"all_values": 20, "right_values": 20}


@pytest.mark.parametrize("dimension", ["value_tier", "plan_key"])
def test_the_agreement_is_that_of_scikit_learn(built: warehouse.Connection, dimension: str) -> None:
    customers = warehouse.fetch(built, "select * from marts.fct_customer_segments")
    clusters, values = ([row[name] for row in customers] for name in ("cluster_id", dimension))
    found = warehouse.fetch(
        built,
        "select * from marts.rpt_cluster_tier_agreement where dimension_name = %s",
        [dimension],
    )
    wanted = adjusted_mutual_info_score(clusters, values)
    assert 0.05 < wanted < 0.6
    [shown] = {row["adjusted_mutual_information"] for row in found}
    assert shown == pytest.approx(wanted, abs=1e-9)
    counted = Counter(zip(clusters, values, strict=True))
    cells = {(row["cluster_id"], row["dimension_value"]): row["customers"] for row in found}
    assert len(cells) == 20
    assert cells == {cell: counted[cell] for cell in cells}
