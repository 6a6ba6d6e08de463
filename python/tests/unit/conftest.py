"""What the unit tests of the extract share: reading one, and the csv module's own reading."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from nexasat.extract_file import open_extracts
from nexasat.generate_recipe import COLUMNS

Delivered = list[tuple[int, str | list[str]]]  # line, and the fields or the raw record
Deliver = Callable[[bytes | str], Delivered]


@pytest.fixture
def deliver(tmp_path: Path) -> Deliver:
    """Reads an extract with these bytes: every record, its fields in the order of the file."""

    def read(content: bytes | str) -> Delivered:
        path = tmp_path / "extract.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with open_extracts([path]) as [extract]:
            text = b"".join(extract).decode()
            assert sorted(extract.columns) == sorted(COLUMNS)
            assert extract.byte_count == path.stat().st_size
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        assert len(rows) == extract.delivered_rows
        assert all(len(row) == 2 + len(COLUMNS) for row in rows)
        assert not any(row[1] and any(row[2:]) for row in rows)
        return [(int(row[0]), row[1] or row[2:]) for row in rows]

    return read


@pytest.fixture(scope="session")
def read_plainly() -> Callable[[str], Delivered]:
    """The same by the csv module alone, line by line; knows nothing of what is in a header."""

    def read(text: str) -> Delivered:
        lines = list(io.StringIO(text, newline=""))
        reader = csv.reader(lines, strict=True)
        found: Delivered = []
        begin = 0
        header_was_seen = False
        for fields in reader:
            raw = "".join(lines[begin : reader.line_num]).rstrip("\r\n")
            if fields and header_was_seen:
                found.append((begin + 1, fields if len(fields) == len(COLUMNS) else raw))
            header_was_seen = header_was_seen or bool(fields)
            begin = reader.line_num
        return found

    return read
