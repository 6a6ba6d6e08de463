"""Reads an extract once, from front to back, and splits it into records; judges no value.

Nearly every line of an extract is a record as it stands. Such lines pass through untouched, as
bytes; only blocks with a quoted line break, a doubled quote or a stray quote meet the csv module,
which is six times slower.
"""

import codecs
import csv
import hashlib
import io
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nexasat import extract_faults as faults
from nexasat.generate_recipe import COLUMNS

BLOCK = 1 << 18  # bytes read at a time
LONGEST_RECORD = 16 << 20  # bytes; a longer one is a quote that was never closed

SEPARATORS = len(COLUMNS) - 1
FIELD = rb'(?:"[^"]*"|[^",]*)'
RECORD = re.compile(FIELD + rb"(?:," + FIELD + rb"){%d}" % SEPARATORS)  # one line, plain quotes
SPLIT = b"%d,,%b\r\n"  # line number, no raw record, the fields as they are
WHOLE = b'%d,"%b"' + b"," * len(COLUMNS) + b"\r\n"  # line number, raw record, no fields
NO_FIELDS = (None,) * len(COLUMNS)


class Extract:
    """An extract that is being read; `open_extract` makes it.

    Iterate over it, once, for CSV blocks with the columns line_number, raw_record and `columns`.
    A record that splits into the 14 fields has no raw_record; another one has nothing else.
    Records come in the order of the file, none is left out. Blank lines are not records.

    Attributes:
        columns: the fields of a record, in the order of the file's header.
        delivered_rows: how many records were read so far.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        """Reads the header.

        Raises:
            NexasatError: the file as a whole cannot be loaded.
        """
        # the csv module has one limit for the process; blocks are never longer than this
        csv.field_size_limit(max(csv.field_size_limit(), 2 * LONGEST_RECORD))
        self.delivered_rows = 0
        self._lines = Lines(path, file)
        self.columns = self._read_header()

    @property
    def byte_count(self) -> int:
        """The bytes read so far."""
        return self._lines.byte_count

    @property
    def sha256(self) -> str:
        """The fingerprint of the bytes read so far."""
        return self._lines.digest.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        """Yields blocks of records.

        Raises:
            NexasatError: what is wrong with the file shows only here.
        """
        while block := self._lines.next_block():
            first = self._lines.line
            lines = block.splitlines()
            if b'"' not in block:
                rows = [
                    (SPLIT if line.count(b",") == SEPARATORS else WHOLE) % (number, line)
                    for number, line in enumerate(lines, first)
                    if line
                ]
            elif all(map(RECORD.fullmatch, lines)):
                rows = [SPLIT % numbered for numbered in enumerate(lines, first)]
            else:
                yield self._parsed_rows(block.splitlines(keepends=True))
                continue
            self._lines.advance(len(lines))
            self.delivered_rows += len(rows)
            yield b"".join(rows)
        self._lines.check_unchanged()
        if self.delivered_rows == 0:
            raise faults.no_rows(self._lines.path)

    def _read_header(self) -> tuple[str, ...]:
        while block := self._lines.next_block():
            faults.check_delimiter(self._lines.path, block)
            lines = block.splitlines(keepends=True)
            records, unread = self._lines.parse(lines)
            if records:
                begin, unread, fields = records[0]
                columns = faults.match_header(self._lines.path, self._lines.line + begin, fields)
            self._lines.advance(unread, b"".join(lines[unread:]))
            if records:
                return columns
        raise faults.empty(self._lines.path)

    def _parsed_rows(self, lines: list[bytes]) -> bytes:
        """The rows of any block of lines."""
        first = self._lines.line
        records, unread = self._lines.parse(lines)
        rows = io.StringIO()
        csv.writer(rows).writerows(
            (first + begin, None, *fields)
            if len(fields) == len(COLUMNS)
            else (first + begin, b"".join(lines[begin:end]).rstrip(b"\r\n").decode(), *NO_FIELDS)
            for begin, end, fields in records
        )
        self._lines.advance(unread, b"".join(lines[unread:]))
        self.delivered_rows += len(records)
        return rows.getvalue().encode()


class Lines:
    """Gives a file as blocks of whole lines of checked text, and knows on which line it is."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        """Looks at the first bytes."""
        self.path = path
        self.line = 1  # where the next block begins
        self.byte_count = 0
        self.digest = hashlib.sha256()
        self._file = file
        self._state = self._now()
        self._at_end = False
        self._unread = self._read(4)  # the longest mark of a format or an encoding
        faults.check_format(path, self._unread)
        self._unread = self._unread.removeprefix(codecs.BOM_UTF8)

    def next_block(self) -> bytes:
        """Whole lines, the last of which may lack its end at the end of the file; then nothing."""
        while True:
            if len(self._unread) > LONGEST_RECORD:
                offset = self.byte_count - len(self._unread)
                faults.check_text(self.path, self.line, offset, self._unread, is_whole=False)
                raise faults.too_long(self.path, self.line, LONGEST_RECORD)
            # as much as is unread: an unfinished record is parsed again twice over in all, not
            # once for each block that it fills
            read = b"" if self._at_end else self._read(max(BLOCK, len(self._unread)))
            text = self._unread + read
            # a CR at the very end may be half of a CRLF
            cut = 1 + max(text.rfind(b"\n"), text.rfind(b"\r", 0, -1))
            if self._at_end:
                cut = len(text)
            block, self._unread = text[:cut], text[cut:]
            faults.check_text(self.path, self.line, self.byte_count - len(text), block)
            if block or self._at_end:
                return block

    def advance(self, lines: int, unread: bytes = b"") -> None:
        """Notes that so many lines of the block are done; those that are not will come again."""
        self.line += lines
        self._unread = unread + self._unread

    def parse(self, lines: list[bytes]) -> tuple[list[tuple[int, int, list[str]]], int]:
        """Splits lines into records with the csv module.

        Returns:
            For each record the index of its first line, of the line after it, and the fields; and
            the index of the first line that needs more lines to make a record.

        Raises:
            NexasatError: a quote is not closed, or closed in the middle of a field.
        """
        records = []
        begin = 0
        parser = csv.reader((line.decode() for line in lines), strict=True)
        try:
            for fields in parser:
                if fields:
                    records.append((begin, parser.line_num, fields))
                begin = parser.line_num
        except csv.Error as error:
            if self._at_end or parser.line_num < len(lines):
                seen = self.line + parser.line_num - 1
                raise faults.bad_quotes(self.path, self.line + begin, seen) from error
        return records, begin

    def check_unchanged(self) -> None:
        """Refuses a file that was written to since it was opened: it may be half of an extract."""
        if self._now() != self._state:
            raise faults.changed(self.path)

    def _read(self, size: int) -> bytes:
        try:
            read = self._file.read(size)
        except OSError as error:
            raise faults.unreadable(self.path, error) from error
        self._at_end = not read
        self.byte_count += len(read)
        self.digest.update(read)
        return read

    def _now(self) -> tuple[int, int] | None:
        """Size and time of the last change; None for a pipe, which has neither."""
        found = os.fstat(self._file.fileno())
        return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


@contextmanager
def open_extract(path: Path) -> Iterator[Extract]:
    """Opens an extract and reads its header.

    Raises:
        NexasatError: the file is not there, or it as a whole cannot be loaded (exit code 3).
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise faults.unreadable(path, error) from error
    with file:
        yield Extract(path, file)
