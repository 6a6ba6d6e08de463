"""Gives the text of an extract as blocks of whole lines, checked, and splits lines into records."""

import csv
from collections.abc import Sequence

from nexasat import extract_faults as faults
from nexasat.extract_source import Source

BLOCK = 1 << 18  # bytes read at a time
LONGEST_RECORD = 16 << 20  # bytes; a longer one is a quote that was never closed


class Lines:
    """The lines of a file, which know on which line they are.

    Attributes:
        line: where the next block begins.
        delimiter: between fields; set it before `parse`.
        columns: the names in the header, once they are known.
    """

    def __init__(self, source: Source) -> None:
        """Reads nothing yet."""
        # the csv module has one limit for the process; blocks are never longer than this
        csv.field_size_limit(max(csv.field_size_limit(), 2 * LONGEST_RECORD))
        self.source = source
        self.line = 1
        self.delimiter = ","
        self.columns: Sequence[str] = ()
        self._offset = source.mark_bytes
        self._at_end = False
        self._unread = b""

    def next_block(self) -> bytes:
        """Whole lines, the last of which may lack its end at the end of the file; then nothing."""
        while True:
            if len(self._unread) > LONGEST_RECORD:
                place = self._place(self._offset - len(self._unread))
                faults.check_text(place, self._unread, is_whole=False)
                raise faults.too_long(place, LONGEST_RECORD)
            # as much as is unread: an unfinished record is parsed again twice over in all, not
            # once for each block that it fills
            read = b"" if self._at_end else self._read(max(BLOCK, len(self._unread)))
            text = self._unread + read
            # a CR at the very end may be half of a CRLF
            cut = 1 + max(text.rfind(b"\n"), text.rfind(b"\r", 0, -1))
            if self._at_end:
                cut = len(text)
            block, self._unread = text[:cut], text[cut:]
            faults.check_text(self._place(self._offset - len(text)), block)
            if block or self._at_end:
                return block

    def advance(self, lines: int, unread: bytes = b"") -> None:
        """Notes that so many lines of the block are done; those that are not will come again."""
        self.line += lines
        self._unread = unread + self._unread

    def parse(self, lines: Sequence[bytes]) -> tuple[list[tuple[int, int, list[str]]], int]:
        """Splits lines into records with the csv module.

        Returns:
            For each record the index of its first line, of the line after it, and the fields; and
            the index of the first line that needs more lines to make a record.

        Raises:
            NexasatError: a quote is not closed, or closed in the middle of a field.
        """
        records = []
        begin = 0
        texts = (line.decode() for line in lines)
        parser = csv.reader(texts, delimiter=self.delimiter, strict=True)
        try:
            for fields in parser:
                if fields:
                    records.append((begin, parser.line_num, fields))
                begin = parser.line_num
        except csv.Error as error:
            if self._at_end or parser.line_num < len(lines):
                seen = self.line + parser.line_num - 1
                place = self._place(0, begin)
                raise faults.bad_quotes(place, b"".join(lines[begin:]), seen) from error
        return records, begin

    def _place(self, offset: int, lines: int = 0) -> faults.Place:
        return faults.Place(
            path=self.source.path,
            line=self.line + lines,
            offset=offset,
            unit=self.source.unit,
            delimiter=self.delimiter,
            columns=self.columns,
        )

    def _read(self, size: int) -> bytes:
        read = self.source.read(size)
        self._at_end = not read
        self._offset += len(read)
        return read
