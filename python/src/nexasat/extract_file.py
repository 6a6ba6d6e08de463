"""Reads an extract once, from front to back, and splits it into records; judges no value.

Nearly every line of an extract is a record as it stands. Such lines pass through untouched, as
bytes; only blocks with a quoted line break, a doubled quote or a stray quote meet the csv module,
which is six times slower, and files whose columns or values are mapped.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from nexasat import extract_faults as faults
from nexasat.column_mapping import ColumnMapping
from nexasat.extract_header import DELIMITERS, Header, find_delimiter, match_header
from nexasat.extract_lines import Lines
from nexasat.extract_source import Source, open_source
from nexasat.generate_recipe import COLUMNS


class Extract:
    """An extract that is being read; `open_extracts` makes it.

    Iterate over it, once, for CSV blocks with the columns line_number, raw_record and `columns`.
    A record that splits into the columns of the header has no raw_record; another one has nothing
    else. Records come in the order of the file, none is left out. Blank lines are not records.

    Attributes:
        path: the delivered file.
        mapping_sha256: fingerprint of the mapping file, None without one.
        columns: the fields of a record.
        delimiter: of the blocks.
        description: packing, encoding, delimiter and header, in words.
        delivered_rows: how many records were read so far.
        lines_before: added to line numbers; set it before the reading when other files go before.
    """

    def __init__(
        self,
        source: Source,
        mapping: ColumnMapping | None = None,
        wanted: Sequence[str] = COLUMNS,
    ) -> None:
        """Reads the header.

        Raises:
            NexasatError: the file as a whole cannot be loaded.
        """
        self.path = source.path
        self.mapping_sha256 = (mapping and mapping.sha256) or None
        self.delivered_rows = 0
        self.lines_before = 0
        self._source = source
        self._lines = Lines(source)
        line, header = self._read_header(mapping, wanted)
        self._header = header
        self._pick = header.picker()
        self._lines.columns = header.names
        self.columns = header.columns
        self.delimiter = self._lines.delimiter
        self.description = (
            f"{source.description}, {DELIMITERS[self.delimiter]} between fields, header on line "
            f"{line}" + ("" if tuple(self.columns) == tuple(wanted) else ", columns reordered")
        )

    @property
    def byte_count(self) -> int:
        """The bytes of the delivered file; of a pipe, those read so far."""
        return self._source.byte_count

    @property
    def sha256(self) -> str:
        """The fingerprint of these bytes."""
        return self._source.sha256

    @property
    def is_pipe(self) -> bool:
        """True when nothing is known of the file before it was read."""
        return self._source.is_pipe

    @property
    def last_line(self) -> int:
        """The last line that was read, with the lines before."""
        return self.lines_before + self._lines.line - 1

    def __iter__(self) -> Iterator[bytes]:
        """Yields blocks of records.

        Raises:
            NexasatError: what is wrong with the file shows only here.
        """
        mark = self.delimiter.encode()
        separators = len(self._header.names) - 1
        split = b"%d" + 2 * mark + b"%b\r\n"  # line number, no raw record, the fields as they are
        # line number, raw record, no fields
        whole = b"%d" + mark + b'"%b"' + mark * len(self.columns) + b"\r\n"
        field = rb'(?:"[^"]*"|[^"' + mark + rb"]*)"
        # one line, plain quotes
        record = re.compile(field + rb"(?:" + re.escape(mark) + field + rb"){%d}" % separators)
        while block := self._lines.next_block():
            first = self.lines_before + self._lines.line
            lines = block.splitlines()
            if not self._header.is_plain:
                yield self._parsed_rows(block.splitlines(keepends=True))
                continue
            if b'"' not in block:
                rows = [
                    (split if line.count(mark) == separators else whole) % (number, line)
                    for number, line in enumerate(lines, first)
                    if line
                ]
            elif all(map(record.fullmatch, lines)):
                rows = [split % numbered for numbered in enumerate(lines, first)]
            else:
                yield self._parsed_rows(block.splitlines(keepends=True))
                continue
            self._lines.advance(len(lines))
            self.delivered_rows += len(rows)
            yield b"".join(rows)
        self._source.check_unchanged()
        if self.delivered_rows == 0:
            raise faults.no_rows(self.path)

    def _read_header(
        self, mapping: ColumnMapping | None, wanted: Sequence[str]
    ) -> tuple[int, Header]:
        while block := self._lines.next_block():
            self._lines.delimiter = find_delimiter(block, wanted, mapping)
            lines = block.splitlines(keepends=True)
            records, unread = self._lines.parse(lines)
            if records:
                begin, unread, fields = records[0]
                line = self._lines.line + begin
                header = match_header(self.path, line, fields, wanted, mapping)
            self._lines.advance(unread, b"".join(lines[unread:]))
            if records:
                return line, header
        raise faults.empty(self.path)

    def _parsed_rows(self, lines: list[bytes]) -> bytes:
        """The rows of any block of lines."""
        first = self.lines_before + self._lines.line
        records, unread = self._lines.parse(lines)
        width = len(self._header.names)
        no_fields = (None,) * len(self.columns)
        rows = io.StringIO()
        csv.writer(rows, delimiter=self.delimiter).writerows(
            (first + begin, None, *(fields if self._header.is_plain else self._pick(fields)))
            if len(fields) == width
            else (first + begin, b"".join(lines[begin:end]).rstrip(b"\r\n").decode(), *no_fields)
            for begin, end, fields in records
        )
        self._lines.advance(unread, b"".join(lines[unread:]))
        self.delivered_rows += len(records)
        return rows.getvalue().encode()


@contextmanager
def open_extracts(
    paths: Sequence[Path],
    mapping: ColumnMapping | None = None,
    wanted: Sequence[str] = COLUMNS,
) -> Iterator[list[Extract]]:
    """Opens files that together are one extract, and reads their headers.

    Args:
        paths: CSV files, packed or not, or pipes.
        mapping: other names and values, for all of them.
        wanted: the columns.

    Raises:
        NexasatError: a file is not there, or it as a whole cannot be loaded (exit code 3).
    """
    with ExitStack() as stack:
        sources = [stack.enter_context(open_source(path)) for path in paths]
        seen: dict[str, Path] = {}
        for source in sources:
            if source.sha256 in seen and not source.is_pipe:
                raise faults.same_file(seen[source.sha256], source.path)
            seen[source.sha256] = source.path
        yield [Extract(source, mapping, wanted) for source in sources]
