"""Clustering that cannot be done, and writes that fail in the middle: the old run stays."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from nexasat import labels, registry, warehouse
from nexasat.errors import ExitCode, NexasatError

FreshDatabase = Callable[..., dict[str, str]]
TABLES = (
    "cluster_runs",
    "cluster_scalers",
    "cluster_centroids",
    "cluster_scans",
    "cluster_overlaps",
    "cluster_bands",
    "cluster_activations",
)


@pytest.fixture
def parameters_of_copy(synthetic_template: str, fresh_database: FreshDatabase) -> dict[str, str]:
    return fresh_database("cluster_faults", synthetic_template)


@pytest.fixture
def copy(parameters_of_copy: dict[str, str]) -> Iterator[warehouse.Connection]:
    """A warehouse of the test's own, clustered already."""
    with warehouse.connect(parameters_of_copy) as connection:
        yield connection


def _ignore(sentence: str) -> None:
    del sentence


def _all(connection: warehouse.Connection) -> dict[str, list[warehouse.Row]]:
    return {
        table: warehouse.fetch(connection, f"select * from ml.{table} order by 1, 2, 3")
        for table in TABLES
    }


def _refused(connection: warehouse.Connection, recipe: str | None = None) -> NexasatError:
    """The error of a clustering, which must leave everything as it was."""
    before = _all(connection)
    assert len(before["cluster_centroids"]) == 20
    with pytest.raises(NexasatError) as raised:
        labels.cluster(connection, recipe, _ignore)
    assert _all(connection) == before
    assert raised.value.hint
    return raised.value


def test_a_recipe_that_is_not_there(copy: warehouse.Connection) -> None:
    error = _refused(copy, "behavior")
    assert error.exit_code == ExitCode.USAGE
    assert str(error) == "there is no recipe 'behavior'"
    assert error.hint.endswith("cfg_cluster_recipes.csv: behaviour, proxy_value, value")


@pytest.mark.parametrize(
    "change",
    [
        "update marts.dim_cluster_recipes set is_default = false",
        "update marts.dim_cluster_recipes set is_default = true where recipe_name = 'value'",
        "delete from marts.dim_cluster_recipes",
    ],
    ids=["none", "two", "no_recipe"],
)
def test_not_exactly_one_default_recipe(copy: warehouse.Connection, change: str) -> None:
    warehouse.execute(copy, change)
    assert str(_refused(copy)) == "not exactly one recipe is the default"


def test_a_word_that_is_not_known(copy: warehouse.Connection) -> None:
    warehouse.execute(copy, "update marts.dim_cluster_recipes set scaler = 'standrad'")
    error = _refused(copy)
    assert error.exit_code == ExitCode.USAGE
    assert str(error).endswith("recipe 'behaviour': there is no scaler 'standrad'")
    assert error.hint == "known: standard, minmax, robust"


def test_no_active_customer(copy: warehouse.Connection) -> None:
    warehouse.execute(copy, "delete from marts.fct_customer_features")
    error = _refused(copy)
    assert error.exit_code == ExitCode.NOT_CLUSTERED
    assert "there is no active customer to cluster" in str(error)


def test_fewer_customers_than_clusters(copy: warehouse.Connection) -> None:
    warehouse.execute(
        copy,
        "delete from marts.fct_customer_features where customer_id not in (select customer_id"
        " from marts.fct_customer_features where not is_churned order by customer_id limit 4)",
    )
    error = _refused(copy)
    assert error.exit_code == ExitCode.NOT_CLUSTERED
    assert str(error) == "4 customers (4 different ones) cannot make 10 clusters"


def test_a_value_that_is_no_number(copy: warehouse.Connection) -> None:
    warehouse.execute(
        copy,
        "update marts.fct_customer_features set data_usage = 'NaN' where customer_id = ("
        "select min(customer_id) from marts.fct_customer_features where not is_churned)",
    )
    error = _refused(copy)
    assert error.exit_code == ExitCode.NOT_CLUSTERED
    assert "is no number" in str(error)


def test_a_feature_that_is_constant(copy: warehouse.Connection) -> None:
    warehouse.execute(copy, "update marts.fct_customer_features set data_usage = 7")
    error = _refused(copy)
    assert error.exit_code == ExitCode.NOT_CLUSTERED
    assert str(error).startswith("data_usage is the same for all 4272 customers")


def test_no_mart_yet(fresh_database: FreshDatabase) -> None:
    with (
        warehouse.connect(fresh_database("cluster_faults")) as connection,
        pytest.raises(NexasatError, match="fct_customer_features is not there yet") as raised,
    ):
        labels.cluster(connection, None, _ignore)
    assert raised.value.exit_code == ExitCode.NOT_CLUSTERED
    assert "nexasat build" in raised.value.hint


@pytest.mark.parametrize("table", TABLES)
def test_a_write_that_fails_leaves_the_old_run_whole(
    copy: warehouse.Connection, parameters_of_copy: dict[str, str], table: str
) -> None:
    """The server refuses a row of each table in turn; of the centroids, one of the last ones."""
    condition = "new.cluster_id = 5" if table == "cluster_centroids" else "true"
    warehouse.execute(
        copy,
        "update marts.fct_customer_features set tenure_months = tenure_months + 1;"
        "create function refuse() returns trigger language plpgsql as $$"
        f" begin if {condition} then raise exception 'disk on fire'; end if; return new; end $$;"
        f"create trigger refuse before insert on ml.{table} for each row execute function refuse()",
    )
    before = _all(copy)
    with pytest.raises((NexasatError, psycopg.Error), match="disk on fire"):
        labels.cluster(copy, None, _ignore)
    assert _all(copy) == before
    with warehouse.connect(parameters_of_copy) as other:
        assert _all(other) == before
    warehouse.execute(copy, f"drop trigger refuse on ml.{table}")
    assert labels.cluster(copy, None, _ignore).is_new
    assert _all(copy)["cluster_centroids"] != before["cluster_centroids"]


def test_readers_see_the_old_run_until_the_new_one_is_whole(
    copy: warehouse.Connection, parameters_of_copy: dict[str, str]
) -> None:
    """A reader asks from within the write, just before its end."""
    query = (
        "select run_id, count(*) as centres from ml.cluster_runs"
        " inner join ml.cluster_centroids using (run_id) group by run_id order by run_id"
    )
    before = warehouse.fetch(copy, query)
    warehouse.execute(
        copy, "update marts.fct_customer_features set tenure_months = 60 - tenure_months"
    )
    with warehouse.connect(parameters_of_copy) as reader:
        with copy.transaction():
            labels.cluster(copy, None, _ignore)
            seen = warehouse.fetch(reader, query)
        after = warehouse.fetch(reader, query)
    assert seen == before
    assert [row["centres"] for row in after] == [20, 20]


def test_clusters_below_the_floor_label_nobody(copy: warehouse.Connection) -> None:
    """The run is kept for what it tells; neither a second try nor a hand puts it in force."""
    warehouse.execute(copy, "update marts.dim_cluster_recipes set stability_floor = 0.9999")
    active = registry.active_run(copy)
    for told in (1, 0):
        sentences: list[str] = []
        with pytest.raises(NexasatError, match=r"below the floor of 0\.9999") as raised:
            labels.cluster(copy, None, sentences.append)
        assert raised.value.exit_code == ExitCode.NOT_TRUSTED
        assert "the old run stays in force" in str(raised.value)
        assert bool(sentences) == bool(told), "a refused run is trained again"
    assert registry.active_run(copy) == active
    [refused] = warehouse.fetch(
        copy, "select run_id, bootstrap_ari from ml.cluster_runs where decision like 'refused: %'"
    )
    assert 0.75 < refused["bootstrap_ari"] < 0.9999
    with pytest.raises(NexasatError, match="refused"):
        registry.activate(copy, refused["run_id"], is_by_hand=True)
    assert registry.active_run(copy) == active
