"""Puts an extract into `raw`, as text, in one transaction: readers see the old one or the new one.

Each load is a partition of raw.extract_rows. It is filled as a table of its own, which nobody waits
for; only at the very end the partitions change places. Whatever ends a load before that, the
server drops the new table and the old extract stays.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

from nexasat import warehouse
from nexasat.errors import NexasatError
from nexasat.extract_file import Extract, open_extract

# The arguments of the dbt command that makes the tables of `raw`; their DDL is dbt's.
MAKE_TABLES = ("run-operation", "run_query_of", "--args", "{macro_name: create_raw_tables}")

QUIET = 2.0  # seconds before the first word of progress, and between two
PATIENCE = 600.0  # seconds to wait for another load, or for readers at the end
LOCK = 0x6E6578610001  # the advisory lock of a load; any number would do
FIRST_WAIT = 50  # milliseconds; then twice as long each time, up to
LONGEST_WAIT = 2000  # for readers, who have to wait behind a load for as long
LOAD_WAIT = 200  # for other loads, which nobody waits behind

Report = Callable[[str], None]


@dataclass(frozen=True)
class Load:
    """An extract that was loaded: its row of raw.extract_loads."""

    load_id: int
    file_name: str
    file_sha256: str
    file_bytes: int
    delivered_rows: int
    extract_date: date


def load_extract(
    connection: warehouse.Connection,
    path: Path,
    extract_date: date | None,
    report: Report,
    make_tables: Callable[[], object],
) -> Load:
    """Loads a file in place of the extract in force; the rows are judged in the next build.

    Args:
        connection: in autocommit mode.
        path: a CSV file, or a pipe.
        extract_date: the day that the file describes; None for today.
        report: takes one sentence of progress at a time.
        make_tables: called when the tables of `raw` are not there yet; runs dbt with MAKE_TABLES.

    Raises:
        NexasatError: the file as a whole cannot be loaded (exit code 3), or the tables are in use
            for too long. The extract in force stays.
    """
    with open_extract(path) as extract, keep_others_out(connection, report):
        if not _has_tables(connection):
            report("making the tables of schema raw")
            make_tables()
        with connection.transaction():
            load = _copy(connection, path, extract, extract_date or date.today(), report)
            _take_rows(connection, report)
            _replace_with(connection, load.load_id)
        with connection.transaction():  # a rough idea is enough: every query reads all rows
            warehouse.execute(connection, "set local default_statistics_target = 10")
            warehouse.execute(connection, "analyze raw.extract_rows")
    return load


def unload(connection: warehouse.Connection, report: Report) -> bool:
    """Drops what was loaded, so that the bundled extract is in force again.

    Returns:
        False when nothing was loaded.
    """
    with keep_others_out(connection, report):
        query = "select load_id from raw.extract_loads"
        if not _has_tables(connection) or not warehouse.fetch(connection, query):
            return False
        with connection.transaction():
            _take_rows(connection, report)
            _replace_with(connection, None)
    return True


def _has_tables(connection: warehouse.Connection) -> bool:
    return warehouse.relation_exists(connection, "raw", "extract_rows")


def _copy(
    connection: warehouse.Connection,
    path: Path,
    extract: Extract,
    extract_date: date,
    report: Report,
) -> Load:
    """Fills a new table, that is no partition yet, and notes the load."""
    query = "select nextval(pg_get_serial_sequence('raw.extract_loads', 'load_id')) as load_id"
    load_id = warehouse.fetch(connection, query)[0]["load_id"]
    table = f"extract_rows_{load_id}"
    # the constraint spares the scan when the table becomes a partition
    warehouse.execute(
        connection,
        f"create table raw.{table} (like raw.extract_rows, constraint one_load "
        f"check (load_id = {load_id}))",
    )
    warehouse.execute(connection, f"alter table raw.{table} alter load_id set default {load_id}")
    copy_rows(connection, "raw", table, extract, report)
    load = Load(
        load_id=load_id,
        file_name=os.fsencode(path.name).decode(errors="replace"),
        file_sha256=extract.sha256,
        file_bytes=extract.byte_count,
        delivered_rows=extract.delivered_rows,
        extract_date=extract_date,
    )
    warehouse.execute(
        connection,
        """
        insert into raw.extract_loads (
            load_id, file_name, file_sha256, file_bytes, delivered_rows, extract_date, loaded_at
        )
        overriding system value
        values (%s, %s, %s, %s, %s, %s, clock_timestamp())
        """,
        astuple(load),
    )
    return load


def copy_rows(
    connection: warehouse.Connection, schema: str, table: str, extract: Extract, report: Report
) -> int:
    """Copies all records of an extract into a table made in the same transaction.

    Returns:
        How many they are.
    """
    columns = ("line_number", "raw_record", *extract.columns)
    blocks = _with_progress(extract, report)
    copied = warehouse.copy_in(connection, schema, table, columns, blocks, freeze=True)
    if copied != extract.delivered_rows:
        raise NexasatError(f"{extract.delivered_rows} records were read, {copied} arrived")
    return copied


def _replace_with(connection: warehouse.Connection, load_id: int | None) -> None:
    """Drops the partitions and the rows of other loads; attaches the table of this one."""
    old = warehouse.fetch(
        connection,
        """
        select format('%I.%I', pg_namespace.nspname, pg_class.relname) as name
        from pg_inherits
        inner join pg_class on pg_inherits.inhrelid = pg_class.oid
        inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
        where pg_inherits.inhparent = 'raw.extract_rows'::regclass
        """,
    )
    for partition in old:
        warehouse.execute(connection, f"drop table {partition['name']}")
    warehouse.execute(
        connection, "delete from raw.extract_loads where load_id is distinct from %s", [load_id]
    )
    if load_id is None:
        return
    table = f"raw.extract_rows_{load_id}"
    warehouse.execute(connection, f"alter table {table} alter load_id drop default")
    warehouse.execute(
        connection,
        f"alter table raw.extract_rows attach partition {table} for values in ({load_id})",
    )
    warehouse.execute(connection, f"alter table {table} drop constraint one_load")


def _with_progress(extract: Extract, report: Report) -> Iterator[bytes]:
    """The blocks of the extract, with a word every `QUIET` seconds."""
    start = time.monotonic()
    next_word = start + QUIET
    for block in extract:
        yield block
        now = time.monotonic()
        if now >= next_word:
            rows = extract.delivered_rows
            report(f"{rows:,} rows, {rows / (now - start):,.0f} rows/s")
            next_word = now + QUIET


@contextmanager
def keep_others_out(connection: warehouse.Connection, report: Report) -> Iterator[None]:
    """Keeps other loads and builds out as long as the block runs; a load inside it is no other one.

    Nothing waits in the server, where a waiting session would hold up others.

    Raises:
        NexasatError: another load or build did not end in time.
    """

    def is_mine(_: int) -> bool:
        query = "select pg_try_advisory_lock(%s) as is_mine"
        return bool(warehouse.fetch(connection, query, [LOCK])[0]["is_mine"])

    _wait_for(is_mine, LOAD_WAIT, report, "another load or build is running")
    try:
        yield
    finally:
        if not connection.closed:
            warehouse.fetch(connection, "select pg_advisory_unlock(%s)", [LOCK])


def _take_rows(connection: warehouse.Connection, report: Report) -> None:
    """Waits for those who read the old extract, without holding up those who come."""

    def is_mine(milliseconds: int) -> bool:
        return warehouse.try_to_lock(connection, "raw.extract_rows", milliseconds)

    _wait_for(is_mine, LONGEST_WAIT, report, "other sessions are reading raw.extract_rows")


def _wait_for(is_mine: Callable[[int], bool], longest: int, report: Report, obstacle: str) -> None:
    """Tries again and again, each time for longer, until `PATIENCE` is over."""
    deadline = time.monotonic() + PATIENCE
    milliseconds = FIRST_WAIT
    while not is_mine(milliseconds):
        if milliseconds == FIRST_WAIT:
            report(f"{obstacle}: waiting until that ends")
        if time.monotonic() > deadline:
            raise NexasatError(
                f"{obstacle}, for more than {PATIENCE / 60:.0f} minutes; nothing was changed",
                hint="find the sessions: nexasat psql -c 'table pg_stat_activity'",
            )
        time.sleep(milliseconds / 1000)
        milliseconds = min(2 * milliseconds, longest)
