"""Copies the files of an extract into one table, notes them, and says how fast."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nexasat import warehouse
from nexasat.errors import NexasatError
from nexasat.extract_file import Extract

QUIET = 2.0  # seconds before the first word of progress, and between two

Report = Callable[[str], None]


@dataclass(frozen=True)
class LoadedFile:
    """A file of an extract: its row of raw.extract_files.

    Attributes:
        file_name: without its folder.
        file_sha256: of the delivered bytes.
        mapping_sha256: of the mapping file.
        file_bytes: the delivered ones.
        first_line: the number that its first line has in the extract.
        last_line: the same of its last line.
        delivered_rows: its rows that are in the extract.
        replaced_rows: its rows that mended ones stand for.
        file_format: packing, encoding, delimiter and header, in words.
    """

    file_name: str
    file_sha256: str
    mapping_sha256: str | None
    file_bytes: int
    first_line: int
    last_line: int
    delivered_rows: int
    replaced_rows: int
    file_format: str


def new_table(connection: warehouse.Connection) -> tuple[int, str]:
    """Makes a table in `raw` that is no partition yet; returns the number of the load and it.

    Whoever loads, it belongs to who owns raw.extract_rows, so that the next one can drop it.
    """
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
    query = "select relowner::regrole::text as name from pg_class where oid = %s::regclass"
    owner = warehouse.fetch(connection, query, ["raw.extract_rows"])[0]["name"]
    warehouse.execute(connection, f"alter table raw.{table} owner to {owner}")
    return load_id, table


def copy_files(
    connection: warehouse.Connection,
    schema: str,
    table: str,
    extracts: Sequence[Extract],
    report: Report,
    *,
    lines_before: int = 0,
) -> list[LoadedFile]:
    """Copies all records of the files into a table made in the same transaction.

    Lines are counted on from file to file, after `lines_before`.
    """
    files = []
    for extract in extracts:
        extract.lines_before = lines_before
        columns = ("line_number", "raw_record", *extract.columns)
        blocks = _with_progress(extract, report)
        copied = warehouse.copy_in(
            connection,
            schema,
            table,
            columns,
            blocks,
            delimiter=extract.delimiter,
            freeze=True,
        )
        if copied != extract.delivered_rows:
            raise NexasatError(
                f"{extract.path}: {extract.delivered_rows} records were read, {copied} arrived"
            )
        files.append(
            LoadedFile(
                file_name=name_of(extract.path),
                file_sha256=extract.sha256,
                mapping_sha256=extract.mapping_sha256,
                file_bytes=extract.byte_count,
                first_line=lines_before + 1,
                last_line=extract.last_line,
                delivered_rows=copied,
                replaced_rows=0,
                file_format=extract.description,
            )
        )
        lines_before = extract.last_line
    return files


def note_files(connection: warehouse.Connection, load_id: int, files: Sequence[LoadedFile]) -> None:
    """Notes in `raw` the files of a load."""
    for number, file in enumerate(files, 1):
        warehouse.execute(
            connection,
            """
            insert into raw.extract_files (
                load_id, file_number, file_name, file_sha256, mapping_sha256, file_bytes,
                first_line, last_line, delivered_rows, replaced_rows, file_format
            )
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            [load_id, number, *vars(file).values()],
        )


def name_of(path: Path) -> str:
    """The name of a file as text that PostgreSQL can keep."""
    return os.fsencode(path.name).decode(errors="replace")


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
