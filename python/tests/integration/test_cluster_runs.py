"""Runs of the clustering: kept, repeated on shuffled rows, and brought back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nexasat import labels, registry, warehouse
from nexasat.errors import ExitCode, NexasatError
from nexasat.labels import Run

from .ml_tables import all_of_ml

FreshDatabase = Callable[..., dict[str, str]]

SHUFFLE = """
    create temporary table shuffled as
    select * from marts.fct_customer_features order by md5(customer_id || %s);
"""
PUT_BACK = """
    delete from marts.fct_customer_features;
    insert into marts.fct_customer_features select * from shuffled;
    drop table shuffled;
"""
FORGET = "truncate ml.cluster_runs cascade"


@pytest.fixture
def copy(synthetic_template: str, fresh_database: FreshDatabase) -> Iterator[warehouse.Connection]:
    """A warehouse of the test's own, clustered already."""
    with warehouse.connect(fresh_database("clusters", synthetic_template)) as connection:
        yield connection


def _ignore(sentence: str) -> None:
    del sentence


def _cluster(connection: warehouse.Connection, recipe: str | None = None) -> Run:
    return labels.cluster(connection, recipe, _ignore)


def _shuffle(connection: warehouse.Connection, salt: str) -> None:
    warehouse.execute(connection, SHUFFLE, [salt])
    warehouse.execute(connection, PUT_BACK)


def test_a_run_in_force_is_kept(copy: warehouse.Connection) -> None:
    before = warehouse.fetch(copy, "select * from ml.cluster_runs")
    run = _cluster(copy)
    assert not run.is_new
    assert warehouse.fetch(copy, "select * from ml.cluster_runs") == before


def test_shuffled_rows_give_the_same_centroids(copy: warehouse.Connection) -> None:
    before = all_of_ml(copy)
    first = "select array_agg(customer_id) as ids from marts.fct_customer_features"
    order = warehouse.fetch(copy, first)
    for salt in ("a", "b"):
        _shuffle(copy, salt)
        assert warehouse.fetch(copy, first) != order
        assert not _cluster(copy).is_new, "the order of the rows is in the fingerprint"
        warehouse.execute(copy, FORGET)
        assert _cluster(copy).is_new
        assert all_of_ml(copy) == before


def test_a_sample_trains_when_there_are_more_customers_than_the_limit(
    copy: warehouse.Connection,
) -> None:
    warehouse.execute(
        copy,
        "update marts.dim_cluster_recipes set training_limit = 1000,"
        " cluster_count_from = 5, cluster_count_to = 5",
    )
    assert _cluster(copy).is_new
    first = all_of_ml(copy)
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
    again = all_of_ml(copy)
    assert again["cluster_centroids"] == sampled
    warehouse.execute(copy, "update marts.dim_cluster_recipes set random_seed = 43")
    _cluster(copy)
    assert {row["random_seed"] for row in all_of_ml(copy)["cluster_runs"]} == {42, 43}
    assert all_of_ml(copy)["cluster_scalers"][:4] != all_of_ml(copy)["cluster_scalers"][4:]


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
    query = "select moved_share from ml.cluster_runs order by trained_at"
    first, second = (row["moved_share"] for row in warehouse.fetch(copy, query))
    assert first is None
    assert 0 < second < 0.5
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
    before = all_of_ml(copy)
    with pytest.raises(NexasatError, match="there is no run 'nothing'") as raised:
        registry.activate(copy, "nothing", is_by_hand=True)
    assert raised.value.exit_code == ExitCode.USAGE
    assert before["cluster_runs"][0]["run_id"] in raised.value.hint
    assert all_of_ml(copy) == before


def test_the_scan_of_the_run_in_force_is_drawn(copy: warehouse.Connection, tmp_path: Path) -> None:
    told: list[str] = []
    labels.draw_scan(copy, tmp_path / labels.PICTURE, told.append)
    drawn = (tmp_path / labels.PICTURE).read_text(encoding="utf-8")
    run = registry.active_run(copy)
    assert run is not None
    assert f"Recipe behaviour, run {run.run_id}" in drawn
    assert "5 clusters chosen" in drawn
    assert drawn.count('class="dot"') == 5 * 8
    assert told == [f"how the number was chosen: {labels.PICTURE}"]
    _cluster(copy, "proxy_value")  # three clusters, nothing to choose
    labels.draw_scan(copy, tmp_path / labels.PICTURE, told.append)
    assert not (tmp_path / labels.PICTURE).exists()
    (tmp_path / "file").write_text("in the way")
    registry.activate(copy, run.run_id)
    labels.draw_scan(copy, tmp_path / "file" / "scan.svg", told.append)
    assert told[-1].startswith("the picture of the scan was not written: ")
