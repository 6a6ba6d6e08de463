"""`nexasat releases`, `nexasat rollback`, and the runs of dbt that are never published."""

from collections.abc import Callable

import pytest
from psycopg import sql

from nexasat import releases, warehouse
from nexasat.errors import ExitCode, NexasatError
from nexasat.settings import Settings

from .copies import NEXT_IS_LIVE, Nexasat, Publish, states


def test_going_back(
    publish: Publish,
    connection: warehouse.Connection,
    own_settings: Settings,
    nexasat: Nexasat,
) -> None:
    done = nexasat(own_settings, "rollback")
    assert done.returncode == ExitCode.FAILED
    assert (
        done.stderr == "error: there is no such release to go back to\nhint: live: 1; kept: none\n"
    )
    change = """
        alter table marts__next.dim_plans add colour text;
        update marts__next.dim_plans set base_price = 1;
    """
    assert publish(change) == NEXT_IS_LIVE
    done = nexasat(own_settings, "rollback")
    assert done.returncode == ExitCode.FAILED
    assert "readers would miss or find another type of: dim_plans.colour" in done.stderr
    done = nexasat(own_settings, "rollback", "1", "--allow-breaking")
    assert (done.returncode, done.stdout) == (0, "release 1 is live\n"), done.stderr
    query = "select count(*) filter (where base_price = 1) as of_two from {}.dim_plans"
    for schema in ("marts", "marts__next"):
        found = warehouse.fetch(connection, sql.SQL(query).format(sql.Identifier(schema)))
        assert found == [{"of_two": 0}]
    assert states(connection) == {2: "kept", 1: "live"}
    listed = nexasat(own_settings, "releases")
    assert [line.split()[:2] for line in listed.stdout.splitlines()[2:]] == [
        ["2", "kept"],
        ["1", "live"],
    ]
    assert nexasat(own_settings, "rollback").stdout == "release 2 is live\n"


def test_before_the_first_release(
    fresh_database: Callable[..., dict[str, str]],
) -> None:
    with (
        warehouse.connect(fresh_database("releases_none")) as connection,
        pytest.raises(NexasatError, match="nothing was published yet"),
    ):
        releases.listed(connection)


@pytest.mark.parametrize(
    ("words", "end"),
    [
        (("build", "--target", "bi", "--select", "dim_plans"), (2, "target bi only reads")),
        (("run", "--select", "dim_plans"), (1, "only a part was built or nothing was tested")),
    ],
)
def test_what_is_never_published(
    connection: warehouse.Connection,
    own_settings: Settings,
    nexasat: Nexasat,
    words: tuple[str, ...],
    end: tuple[int, str],
) -> None:
    done = nexasat(own_settings, "dbt", *words)
    assert done.returncode == end[0]
    assert end[1] in done.stdout
    assert states(connection) == {1: "live"}
    [kind] = warehouse.fetch(
        connection, "select relkind::text from pg_class where oid = 'marts.dim_plans'::regclass"
    )
    assert kind == {"relkind": "v"}
    tested = nexasat(own_settings, "dbt", "test", "--quiet", "--select", "dim_plans,test_type:data")
    assert tested.returncode == 0, tested.stdout
