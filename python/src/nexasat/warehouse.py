"""The one module that talks to PostgreSQL: connections, queries, COPY in and out (psycopg 3)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg
from psycopg import sql
from psycopg.rows import dict_row, tuple_row

from nexasat.errors import ExitCode, NexasatError

if TYPE_CHECKING:
    from typing_extensions import LiteralString  # typing has it from Python 3.11 on

Connection = psycopg.Connection[dict[str, Any]]
Query: TypeAlias = "LiteralString | sql.Composed"
Row = dict[str, Any]
Parameters: TypeAlias = "Sequence[Any] | Mapping[str, Any]"

MARTS = "marts"  # where a name without a schema is looked for; a build looks where it builds
IN_USE = "find who holds it: nexasat psql -c 'table pg_stat_activity', then run this again"
WAYS_OUT = {  # of errors after which the server goes on
    "53100": "make room on the disk of the server, then run the same command again",
    "55P03": IN_USE,  # lock_timeout
    "57014": IN_USE,  # statement_timeout
}
MINIMUM_VERSION = 160000  # pg_input_is_valid() and erfc() came with PostgreSQL 16


@contextmanager
def connect(parameters: Mapping[str, str]) -> Iterator[Connection]:
    """Opens a connection in autocommit mode; write inside `with connection.transaction():`.

    Args:
        parameters: libpq variables (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE).

    Raises:
        NexasatError: the server or the database cannot be reached (exit code 4), or the server
            broke off in the middle of the work, or refused a statement.
    """
    keywords = {
        "host": parameters.get("PGHOST"),
        "port": parameters.get("PGPORT"),
        "user": parameters.get("PGUSER"),
        "password": parameters.get("PGPASSWORD"),
        "dbname": parameters.get("PGDATABASE"),
    }
    given = {name: value for name, value in keywords.items() if value}
    where = f"{given.get('host', 'the default socket')}:{given.get('port', '5432')}"
    try:
        connection = psycopg.connect(
            **given,  # type: ignore[arg-type]
            autocommit=True,
            row_factory=dict_row,
            connect_timeout=10,
            application_name="nexasat",
            client_encoding="UTF8",  # what COPY blocks are in, whatever PGCLIENTENCODING says
            options=f"-c client_min_messages=warning -c search_path={MARTS}",
        )
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0].rpartition(" failed: ")[2]
        raise NexasatError(
            f"PostgreSQL at {where} cannot be reached: {reason}",
            hint="check PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE, or unset PGHOST to use "
            "the embedded server; `nexasat doctor` tells more",
            exit_code=ExitCode.NO_SERVER,
        ) from error
    try:
        with connection:
            yield connection
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        broken = (psycopg.OperationalError, psycopg.InterfaceError)
        if isinstance(error, broken) and error.sqlstate not in WAYS_OUT:
            raise NexasatError(
                f"PostgreSQL at {where} broke off: {reason}",
                hint="nothing half-done was kept; start the server and run the same command again",
                exit_code=ExitCode.NO_SERVER,
            ) from error
        way_out = WAYS_OUT.get(
            error.sqlstate or "",
            "check the rights of the user on this database; `nexasat roles` tells who may do what",
        )
        raise NexasatError(
            f"PostgreSQL at {where} refused: {reason}",
            hint=f"nothing half-done was kept; {way_out}",
        ) from error


def fetch(connection: Connection, query: Query, parameters: Parameters = ()) -> list[Row]:
    """All rows of a query, each as a dictionary."""
    return connection.execute(query, parameters or None).fetchall()


def execute(connection: Connection, query: Query, parameters: Parameters = ()) -> int:
    """Runs a statement; returns how many rows it touched."""
    return connection.execute(query, parameters or None).rowcount


def set_password(connection: Connection, role: str, password: str) -> None:
    """Sets a password as SCRAM keeps it: the password itself reaches neither server nor log."""
    kept = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    statement = sql.SQL("alter role {} password {}")
    execute(connection, statement.format(sql.Identifier(role), sql.Literal(kept)))


def relation_exists(connection: Connection, *path: str) -> bool:
    """True when the table or view is there; `path` is its name, with or without its schema."""
    name = sql.Identifier(*path).as_string(connection)
    return (
        fetch(connection, "select to_regclass(%s) as relation", [name])[0]["relation"] is not None
    )


def try_to_lock(connection: Connection, table: str, milliseconds: int) -> bool:
    """Takes a table for the current transaction alone; False when others held it all that time.

    While it waits, sessions that come later wait behind it: wait briefly, and try again.
    """
    try:
        with connection.transaction():
            execute(connection, f"set local lock_timeout = {milliseconds:d}")
            execute(connection, f"lock table {table} in access exclusive mode")
            execute(connection, "set local lock_timeout to default")
    except psycopg.errors.LockNotAvailable:
        return False
    return True


@contextmanager
def looking_in(connection: Connection, schema: str) -> Iterator[None]:
    """Names without a schema are those of this one as long as the block runs."""
    query = sql.SQL("set search_path = {}")
    execute(connection, query.format(sql.Identifier(schema)))
    yield
    execute(connection, query.format(sql.Identifier(MARTS)))


def copy_in(
    connection: Connection,
    schema: str,
    table: str,
    columns: Sequence[str],
    blocks: Iterable[bytes | str],
    *,
    delimiter: str = ",",
    freeze: bool = False,
) -> int:
    """Streams CSV blocks (no header; an empty unquoted field is null) into a table.

    Args:
        connection: to the warehouse.
        schema: of the table.
        table: where the rows go.
        columns: the fields of a row, in their order.
        blocks: text, or bytes in UTF-8.
        delimiter: between fields.
        freeze: writes rows that their first reader need not mark as committed, which would log
            every page of a large table; only for a table made in the same transaction.

    Returns:
        The number of rows copied.
    """
    statement = sql.SQL("copy {} ({}) from stdin with (format csv, delimiter {}{})").format(
        sql.Identifier(schema, table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Literal(delimiter),
        sql.SQL(", freeze" if freeze else ""),
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for block in blocks:
                copy.write(block)
        return cursor.rowcount


def copy_out(connection: Connection, query: Query) -> Iterator[bytes]:
    """The rows of a query as CSV blocks, with a header."""
    statement = sql.SQL("copy ({}) to stdout with (format csv, header)").format(
        sql.SQL(query) if isinstance(query, str) else query
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            yield bytes(block)


def stream(
    connection: Connection, query: Query, rows_per_block: int, parameters: Parameters = ()
) -> Iterator[list[tuple[Any, ...]]]:
    """Reads a query in blocks of rows by a server-side cursor; call it inside a transaction."""
    with connection.cursor("nexasat_stream", binary=True, row_factory=tuple_row) as cursor:
        cursor.execute(query, parameters or None)
        while rows := cursor.fetchmany(rows_per_block):
            yield rows
