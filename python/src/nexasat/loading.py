"""Puts an extract into `raw`, as text, in one transaction: readers see the old one or the new one.

Each load is a partition of raw.extract_rows. It is filled as a table of its own, which nobody waits
for; only at the very end the partitions change places. Whatever ends a load before that, the
server drops the new table and the old extract stays.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date

from nexasat import warehouse
from nexasat.copying import LoadedFile, Report, copy_files, new_table, note_files
from nexasat.errors import NexasatError
from nexasat.extract_file import Extract

# The arguments of the dbt command that makes the tables of `raw`; their DDL is dbt's.
MAKE_TABLES = ("run-operation", "run_query_of", "--args", "{macro_name: create_raw_tables}")

PATIENCE = 600.0  # seconds to wait for another load, or for readers at the end
LOCK = 0x6E6578610001  # the advisory lock of a load; any number would do
FIRST_WAIT = 50  # milliseconds; then twice as long each time, up to
LONGEST_WAIT = 2000  # for readers, who have to wait behind a load for as long
LOAD_WAIT = 200  # for other loads, which nobody waits behind


@dataclass(frozen=True)
class Load:
    """An extract that was loaded: its row of raw.extract_loads.

    Attributes:
        load_id: its number.
        file_name: of several files, all of them.
        file_sha256: of several files, of their fingerprints.
        file_bytes: of all files.
        delivered_rows: of all files.
        extract_date: the day that they describe.
    """

    load_id: int
    file_name: str
    file_sha256: str
    file_bytes: int
    delivered_rows: int
    extract_date: date


def load_extracts(
    connection: warehouse.Connection,
    extracts: Sequence[Extract],
    extract_date: date | None,
    report: Report,
    make_tables: Callable[[], object],
) -> Load:
    """Loads files in place of the extract in force; the rows are judged in the next build.

    The same files in the same order as those in force change nothing, unless their date is
    another one. Pipes are always loaded: what is in them is known only afterwards.

    Args:
        connection: in autocommit mode.
        extracts: as `open_extracts` gives them; together they are the new extract.
        extract_date: the day that they describe; None for today, or for that of the same files.
        report: takes one sentence of progress at a time.
        make_tables: called when the tables of `raw` are not there yet; runs dbt with MAKE_TABLES.

    Raises:
        NexasatError: a file as a whole cannot be loaded (exit code 3), or the tables are in use
            for too long. The extract in force stays.
    """
    with keep_others_out(connection, report):
        if not _has_tables(connection):
            report("making the tables of schema raw")
            make_tables()
        same = load_in_force(connection) if _are_in_force(connection, extracts) else None
        if same and extract_date in (None, same.extract_date):
            report(f"{same.file_name}: in force already, nothing was changed")
            return same
        with connection.transaction():
            load_id, table = new_table(connection)
            files = copy_files(connection, "raw", table, extracts, report)
            load = note_load(connection, load_id, files, extract_date or date.today())
            put_in_force(connection, load_id, report)
        analyze(connection)
    return load


def load_in_force(connection: warehouse.Connection) -> Load | None:
    """What was loaded last; None while the bundled extract serves."""
    columns = ", ".join(column.name for column in fields(Load))
    query = f"select {columns} from raw.extract_loads"  # noqa: S608  our own names
    found = warehouse.fetch(connection, query) if _has_tables(connection) else []
    return Load(**found[0]) if found else None


def unload(connection: warehouse.Connection, report: Report) -> bool:
    """Drops what was loaded, so that the bundled extract is in force again.

    Returns:
        False when nothing was loaded.
    """
    with keep_others_out(connection, report):
        if load_in_force(connection) is None:
            return False
        with connection.transaction():
            put_in_force(connection, None, report)
    return True


def _has_tables(connection: warehouse.Connection) -> bool:
    return warehouse.relation_exists(connection, "raw", "extract_files")


def _are_in_force(connection: warehouse.Connection, extracts: Sequence[Extract]) -> bool:
    """True when the load in force is of the same files by the same mapping."""
    query = "select file_sha256, mapping_sha256 from raw.extract_files order by file_number"
    known = [tuple(row.values()) for row in warehouse.fetch(connection, query)]
    given = [(extract.sha256, extract.mapping_sha256) for extract in extracts]
    return given == known and not any(extract.is_pipe for extract in extracts)


def note_load(
    connection: warehouse.Connection,
    load_id: int,
    files: Sequence[LoadedFile],
    extract_date: date,
) -> Load:
    """Notes a load and its files in `raw`."""
    fingerprints = [file.file_sha256 for file in files]
    of_all = hashlib.sha256("\n".join(fingerprints).encode()).hexdigest()
    load = Load(
        load_id=load_id,
        file_name=", ".join(file.file_name for file in files),
        file_sha256=of_all if len(files) > 1 else fingerprints[0],
        file_bytes=sum(file.file_bytes for file in files),
        delivered_rows=sum(file.delivered_rows for file in files),
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
        list(vars(load).values()),
    )
    note_files(connection, load_id, files)
    return load


def put_in_force(connection: warehouse.Connection, load_id: int | None, report: Report) -> None:
    """Drops the partitions and the rows of other loads; attaches the table of this one.

    Waits for those who read the old extract, without holding up those who come.
    """

    def is_mine(milliseconds: int) -> bool:
        return warehouse.try_to_lock(connection, "raw.extract_rows", milliseconds)

    _wait_for(is_mine, LONGEST_WAIT, report, "other sessions are reading raw.extract_rows")
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
    for noted in ("extract_loads", "extract_files"):
        others = f"delete from raw.{noted} where load_id is distinct from %s"  # noqa: S608
        warehouse.execute(connection, others, [load_id])
    if load_id is None:
        return
    table = f"raw.extract_rows_{load_id}"
    warehouse.execute(connection, f"alter table {table} alter load_id drop default")
    warehouse.execute(
        connection,
        f"alter table raw.extract_rows attach partition {table} for values in ({load_id})",
    )
    warehouse.execute(connection, f"alter table {table} drop constraint one_load")


def analyze(connection: warehouse.Connection) -> None:
    """Tells the planner of the rows; a rough idea is enough, for every query reads all of them."""
    with connection.transaction():
        warehouse.execute(connection, "set local default_statistics_target = 10")
        warehouse.execute(connection, "analyze raw.extract_rows")


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
