"""What publishing does, and what it refuses."""

import pytest
from psycopg import sql

from nexasat import warehouse

from .copies import NEXT_IS_LIVE, Publish, columns, finish, prepare, states


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
