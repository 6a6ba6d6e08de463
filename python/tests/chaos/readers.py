"""Readers of the marts, of seven kinds, who note what no reader may ever see.

All marts of a release tell one extract date, each build has a later one, and a build whose date is
in `chaos.refused` fails a test. So a read is torn when two marts differ, old when the date went
back, untested when the date was refused, and empty when rows are missing.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import psycopg

KINDS = (
    "one_query",
    "one_query",  # eight readers of seven kinds
    "prepared",
    "read_committed",
    "repeatable_read",
    "early_snapshot",
    "view_of_others",
    "long_query",
)
CUSTOMERS = "select min(snapshot_date), count(*) from {schema}.dim_customers"
VALUES = (
    "select (select max(extract_date) from {schema}.rpt_load_audit), count(*)"
    " from {schema}.fct_customer_value"
)
BOTH = (
    f"select * from ({CUSTOMERS}) as a (day, rows) cross join ({VALUES}) as b (day_too, rows_too)"
)
OF_OTHERS = f"create or replace view analysts.watched as {BOTH}"
SERVER_GONE = ("57P01", "57P02", "57P03", "08006", "08001", "08003")

Found = tuple[date | None, int, date | None, int]


@dataclass
class Seen:
    """What one reader saw.

    Attributes:
        kind: of reader.
        reads: how many succeeded.
        faults: what no reader may see, by name: torn, empty, old, untested, or an SQLSTATE.
        server_gone: how often the server itself was away, which a killed one is.
        longest: seconds of the slowest read.
    """

    kind: str
    reads: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    server_gone: int = 0
    longest: float = 0.0
    latest: date | None = None


class Readers:
    """Readers that run until the block ends.

    Args:
        parameters: libpq variables; asked anew after the server was away.
        schema: whose marts they read.
        refused: the dates that no reader may see.
    """

    def __init__(
        self, parameters: Callable[[], Mapping[str, str] | None], schema: str, refused: set[date]
    ) -> None:
        """Starts nothing yet."""
        self.seen = [Seen(kind) for kind in KINDS]
        self._parameters = parameters
        self._schema = schema
        self._refused = refused
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._watch, args=[seen]) for seen in self.seen]

    def __enter__(self) -> "Readers":
        """Starts them."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends them."""
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _watch(self, seen: Seen) -> None:
        connection: psycopg.Connection[Found] | None = None
        while not self._end.wait(0.02 + random.random() / 50):
            start = time.monotonic()
            try:
                if connection is None or connection.closed:
                    connection = self._connect()
                if connection is None:
                    continue
                found = _read(connection, seen.kind, self._schema)
                self._judge(seen, found)
                seen.reads += 1
                seen.longest = max(seen.longest, time.monotonic() - start)
            except psycopg.Error as error:
                if error.sqlstate in SERVER_GONE or (connection and connection.broken):
                    seen.server_gone += 1
                    connection = None
                else:
                    seen.faults[error.sqlstate or type(error).__name__] += 1

    def _connect(self) -> "psycopg.Connection[Found] | None":
        parameters = self._parameters()
        if parameters is None:
            return None
        words = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGDATABASE": "dbname"}
        given = {words[name]: value for name, value in parameters.items() if name in words}
        try:
            return psycopg.connect(**given, autocommit=True, connect_timeout=5)  # type: ignore[arg-type]
        except psycopg.OperationalError:
            return None

    def _judge(self, seen: Seen, found: Found) -> None:
        day, rows, day_too, rows_too = found
        if day is None or day_too is None or not rows or not rows_too:
            seen.faults["empty"] += 1
            return
        if day != day_too or rows != rows_too:
            seen.faults["torn"] += 1
        if day in self._refused:
            seen.faults["untested"] += 1
        if seen.latest and day < seen.latest:
            seen.faults["old"] += 1
        seen.latest = day


def _read(connection: "psycopg.Connection[Found]", kind: str, schema: str) -> Found:
    """One look at the marts, in the way of this kind of reader."""
    one, two, both = (query.format(schema=schema) for query in (CUSTOMERS, VALUES, BOTH))
    if kind == "view_of_others":
        return _row(connection, "select * from analysts.watched")
    if kind == "long_query":
        return _row(connection, f"{both} cross join (select pg_sleep(1.5)) as slept")[:4]
    if kind in ("one_query", "prepared"):
        return _row(connection, both, prepare=kind == "prepared")
    isolation = "read committed" if kind == "read_committed" else "repeatable read"
    connection.execute(f"begin isolation level {isolation} read only")
    try:
        if kind == "early_snapshot":  # taken before it looks at any mart
            _row(connection, "select count(*) from pg_class")
            time.sleep(0.2)
        first = _row(connection, one)
        time.sleep(0.02)
        return (*first[:2], *_row(connection, two)[:2])
    finally:
        connection.execute("rollback")


def _row(connection: "psycopg.Connection[Found]", query: str, *, prepare: bool = False) -> Found:
    row = connection.execute(query, prepare=prepare).fetchone()
    assert row is not None
    return tuple(row)  # type: ignore[return-value]
