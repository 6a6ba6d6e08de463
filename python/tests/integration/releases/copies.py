"""The tables of a next release, copied from the live one; what is seen of releases."""

import subprocess
from collections.abc import Callable

from psycopg import sql

from nexasat import releases, warehouse

MARTS = "select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind = %s"
PATIENCE = 3  # seconds, in place of minutes
NEXT_IS_LIVE = {"is_published": True, "reason": None}

Nexasat = Callable[..., subprocess.CompletedProcess[str]]
Publish = Callable[..., warehouse.Row]


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
