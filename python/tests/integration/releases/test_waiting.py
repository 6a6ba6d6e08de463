"""Publishing beside readers: it waits for them, up to a limit, and none of them meets an error."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql

from nexasat import warehouse

from .copies import NEXT_IS_LIVE, Publish, finish, prepare, states

TOLD = ("are still open: process ", "marts.dim_customers was in use")


@contextmanager
def busy(database: dict[str, str], begin: str) -> Iterator[tuple[threading.Event, list[str]]]:
    """Another session that begins something and goes on when the event is set; its errors."""
    errors: list[str] = []
    begun, end = threading.Event(), threading.Event()

    def work() -> None:
        with warehouse.connect(database) as other:
            try:
                with other.transaction():
                    other.execute(sql.SQL(begin))
                    begun.set()
                    end.wait(60)
                    other.execute("select count(*) from marts.dim_plans")
            except psycopg.Error as error:
                errors.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(20)
    try:
        yield end, errors
    finally:
        end.set()
        thread.join()


def test_readers_who_never_pause_do_not_hold_it_up(
    connection: warehouse.Connection, database: dict[str, str], statements: dict[str, str]
) -> None:
    """Two of them, whose queries overlap: there is always one in the middle of its work."""
    errors: list[str] = []
    end = threading.Event()

    def read() -> None:
        with warehouse.connect(database) as other:
            try:
                while not end.is_set():
                    other.execute("select count(*), pg_sleep(1) from marts.dim_customers")
            except psycopg.Error as error:
                errors.append(str(error))

    prepare(connection)
    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
        time.sleep(0.5)
    try:
        told = finish(connection, statements["publish"])
    finally:
        end.set()
        for reader in readers:
            reader.join()
    assert told == NEXT_IS_LIVE
    assert errors == []


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
    with busy(database, begin) as (end, errors):
        prepare(connection)  # afterwards: a snapshot that sees the tables is in nobody's way
        start = time.monotonic()
        threading.Timer(1.0, end.set).start()
        assert finish(connection, statements["publish"]) == NEXT_IS_LIVE
        assert time.monotonic() - start > 0.8
    assert errors == []
    with busy(database, begin) as (_, errors):
        prepare(connection)
        told = finish(connection, statements["publish"])
    assert errors == []
    assert not told["is_published"]
    assert any(words in told["reason"] for words in TOLD)
    assert states(connection) == {2: "live", 1: "kept"}
    assert publish() == NEXT_IS_LIVE
