"""What publishing does and refuses, on releases whose tables are copied and not built.

The SQL is dbt's own, compiled once; only the tables of the next release are made by hand.
"""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from nexasat import releases, warehouse
from nexasat.errors import ExitCode, NexasatError
from nexasat.settings import Settings

MARTS = "select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind = %s"
PATIENCE = 3  # seconds, in place of minutes
NEXT_IS_LIVE = {"is_published": True, "reason": None}

Nexasat = Callable[..., subprocess.CompletedProcess[str]]
Publish = Callable[..., warehouse.Row]


@pytest.fixture(scope="module")
def statements(
    dbt_settings: Callable[..., Settings], nexasat: Nexasat, synthetic_template: str
) -> dict[str, str]:
    """What dbt sends: `publish`, `publish_breaking` and `drop_old`."""
    settings = dbt_settings("release_sql", synthetic_template)
    calls = {
        "publish": ("publish_release('ops', 'b1')", "false"),
        "publish_breaking": ("publish_release('ops', 'b1')", "true"),
        "drop_old": ("drop_old_releases('ops')", "false"),
    }
    found = {}
    for name, (call, breaking) in calls.items():
        variables = f"{{release_patience: {PATIENCE}, allow_breaking: {breaking}}}"
        words = ("--quiet", "compile", "--vars", variables, "--inline", f"{{{{ {call} }}}}")
        done = nexasat(settings, "dbt", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        found[name] = done.stdout
    return found


@pytest.fixture
def database(fresh_database: Callable[..., dict[str, str]], synthetic_template: str) -> Any:  # noqa: ANN401
    """The libpq variables of a warehouse of the test's own, with release 1."""
    return fresh_database("releases", synthetic_template)


@pytest.fixture
def connection(database: dict[str, str]) -> Iterator[warehouse.Connection]:
    """To that warehouse."""
    with warehouse.connect(database) as opened:
        yield opened


@pytest.fixture
def own_settings(database: dict[str, str], dbt_settings: Callable[..., Settings]) -> Settings:
    """The project on that warehouse."""
    settings = dbt_settings("release_target")
    return Settings(settings.project, {**settings.environment, **database})


@pytest.fixture
def publish(connection: warehouse.Connection, statements: dict[str, str]) -> Publish:
    """Makes the tables of a next release, changes them, publishes, and gives what was noted."""

    def run(change: str = "select", *, breaking: bool = False) -> warehouse.Row:
        prepare(connection)
        connection.execute(sql.SQL(change))
        return finish(connection, statements["publish_breaking" if breaking else "publish"])

    return run


def prepare(connection: warehouse.Connection) -> None:
    """Copies the live tables to `marts__next`, as a build of `b1` that began from what is live."""
    [live] = warehouse.fetch(connection, "select * from ops.releases where is_live")
    warehouse.execute(connection, "delete from ops.release_builds where build_id = 'b1'")
    for statement in (
        "drop schema marts__next cascade",
        "create schema marts__next",
        "comment on schema marts__next is 'b1'",
        "insert into ops.release_builds select 'b1', release_number, now(), null, '{}'"
        " from ops.releases where is_live",
    ):
        warehouse.execute(connection, statement)
    for row in warehouse.fetch(connection, MARTS, [live["schema_name"], "r"]):
        name = sql.Identifier(row["relname"])
        copy = sql.SQL("create table marts__next.{} as table {}.{}")
        warehouse.execute(connection, copy.format(name, sql.Identifier(live["schema_name"]), name))


def finish(connection: warehouse.Connection, statement: str) -> warehouse.Row:
    """Publishes; what the log then says of the build."""
    connection.execute(sql.SQL(statement))
    query = "select is_published, reason from ops.release_builds where build_id = 'b1'"
    return warehouse.fetch(connection, query)[0]


def columns(connection: warehouse.Connection, mart: str) -> list[str]:
    """Of a published mart, in order."""
    query = (
        "select attname from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 order by attnum"
    )
    return [row["attname"] for row in warehouse.fetch(connection, query, [f"marts.{mart}"])]


def states(connection: warehouse.Connection) -> dict[int, str]:
    """State of each release."""
    return {row["release_number"]: row["state"] for row in releases.listed(connection)}


def test_the_next_release_replaces_the_live_one(
    publish: Publish, connection: warehouse.Connection, statements: dict[str, str]
) -> None:
    """Views keep their rights and comments; dbt looks through to the new release."""
    warehouse.execute(connection, "create role release_reader")
    try:
        warehouse.execute(connection, "grant select on marts.dim_plans to release_reader")
        assert publish("update marts__next.dim_plans set base_price = 1") == NEXT_IS_LIVE
        for schema in ("marts", "marts__next", "marts__g2"):
            query = sql.SQL("select distinct base_price::integer from {}.dim_plans")
            [row] = warehouse.fetch(connection, query.format(sql.Identifier(schema)))
            assert row == {"base_price": 1}
        [kept] = warehouse.fetch(
            connection,
            "select has_table_privilege('release_reader', 'marts.dim_plans', 'select') as may,"
            " has_table_privilege('release_reader', 'marts__g2.dim_plans', 'select') as below,"
            " obj_description('marts.dim_plans'::regclass) like '%One row per plan%' as is_told,"
            " col_description('marts.dim_plans'::regclass, 1) like 'Key of the plan%' as is_named",
        )
        assert kept == {"may": True, "below": False, "is_told": True, "is_named": True}
        assert states(connection) == {2: "live", 1: "kept"}
        assert publish() == NEXT_IS_LIVE
        warehouse.execute(connection, "create view public.hanging as table marts__g1.dim_plans")
        connection.execute(sql.SQL(statements["drop_old"]))
        assert states(connection) == {3: "live", 2: "kept", 1: "kept"}, "somebody has a view on 1"
        warehouse.execute(connection, "drop view public.hanging")
        connection.execute(sql.SQL(statements["drop_old"]))
        assert states(connection) == {3: "live", 2: "kept", 1: "dropped"}
    finally:
        warehouse.execute(connection, "drop owned by release_reader")
        warehouse.execute(connection, "drop role release_reader")


def test_a_new_column_comes_last_and_its_comment_with_it(
    publish: Publish, connection: warehouse.Connection
) -> None:
    before = columns(connection, "dim_plans")
    change = """
        alter table marts__next.dim_plans rename to old;
        create table marts__next.dim_plans as
        select 1 as colour, * from marts__next.old;
        drop table marts__next.old;
        comment on column marts__next.dim_plans.colour is 'Of the card.';
    """
    assert publish(change) == NEXT_IS_LIVE
    assert columns(connection, "dim_plans") == [*before, "colour"]
    query = "select col_description('marts.dim_plans'::regclass, %s) as told"
    assert warehouse.fetch(connection, query, [len(before) + 1]) == [{"told": "Of the card."}]


BREAKING = {
    "column": ("alter table marts__next.dim_plans drop column base_price", "dim_plans.base_price"),
    "type": (
        "alter table marts__next.dim_plans alter base_price type numeric(14, 2)",
        "dim_plans.base_price",
    ),
    "mart": ("drop table marts__next.rpt_plan_summary", "rpt_plan_summary"),
}


@pytest.mark.parametrize("name", BREAKING)
def test_what_readers_would_miss_is_refused_unless_allowed(
    publish: Publish, connection: warehouse.Connection, name: str
) -> None:
    change, told = BREAKING[name]
    mart = told.partition(".")[0]
    before = columns(connection, mart)
    refused = publish(change)
    assert not refused["is_published"]
    assert f"readers would miss or find another type of: {told}. " in refused["reason"]
    assert "hang on these marts: none" in refused["reason"]
    assert columns(connection, mart) == before
    warehouse.execute(
        connection,
        sql.SQL("create view public.mine as table marts.{}").format(sql.Identifier(mart)),
    )
    assert "hang on these marts: public.mine. " in publish(change)["reason"]
    refused = publish(change, breaking=True)
    assert "views of other people hang on marts that would change: public.mine" in refused["reason"]
    assert states(connection) == {1: "live"}
    warehouse.execute(connection, "drop view public.mine")
    assert publish(change, breaking=True) == NEXT_IS_LIVE
    assert warehouse.relation_exists(connection, "marts", mart) == (name != "mart")


def test_a_build_that_began_from_another_release_is_refused(
    publish: Publish, connection: warehouse.Connection, statements: dict[str, str]
) -> None:
    prepare(connection)
    warehouse.execute(
        connection, "update ops.release_builds set based_on = 0 where build_id = 'b1'"
    )
    told = finish(connection, statements["publish"])
    assert told["reason"] == "release 1 became live while this build ran. build again"
    prepare(connection)
    warehouse.execute(connection, "comment on schema marts__next is 'b2'")
    told = finish(connection, statements["publish"])
    assert told["reason"].startswith("another build began in schema marts__next")
    assert states(connection) == {1: "live"}
    assert publish() == NEXT_IS_LIVE


@contextmanager
def busy(database: dict[str, str], begin: str, seconds: float) -> Iterator[list[str]]:
    """Another session that begins something and ends it later; its errors."""
    errors: list[str] = []
    begun = threading.Event()

    def work() -> None:
        with warehouse.connect(database) as other:
            try:
                with other.transaction():
                    other.execute(sql.SQL(begin))
                    begun.set()
                    time.sleep(seconds)
                    other.execute("select count(*) from marts.dim_plans")
            except psycopg.Error as error:
                errors.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(20)
    yield errors
    thread.join()


@pytest.mark.parametrize(
    "begin",
    [
        "set transaction isolation level repeatable read; select count(*) from pg_class",
        "select count(*) from marts.dim_customers",
    ],
    ids=["a_snapshot", "a_view_in_use"],
)
def test_publishing_waits_for_readers_and_gives_up_in_the_end(
    publish: Publish,
    connection: warehouse.Connection,
    database: dict[str, str],
    statements: dict[str, str],
    begin: str,
) -> None:
    prepare(connection)
    with busy(database, begin, 1.0) as errors:
        start = time.monotonic()
        assert finish(connection, statements["publish"]) == NEXT_IS_LIVE
        assert time.monotonic() - start > 0.8
    assert errors == []
    prepare(connection)
    with busy(database, begin, PATIENCE + 2) as errors:
        told = finish(connection, statements["publish"])
    assert errors == []
    assert not told["is_published"]
    assert re_any(told["reason"], "are still open: process ", "marts.dim_customers was in use")
    assert states(connection) == {2: "live", 1: "kept"}
    assert publish() == NEXT_IS_LIVE


def re_any(text: str, *parts: str) -> bool:
    """True when one of the parts is in the text."""
    return any(part in text for part in parts)


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
