"""Several files as one extract, and the same files again."""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nexasat import loading
from nexasat.errors import NexasatError
from nexasat.generate_recipe import COLUMNS

HEADER = ",".join(COLUMNS)
ROW = "NSat{},Female,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,0\n"

Load = Callable[..., loading.Load]
Ask = Callable[[str], list[tuple[Any, ...]]]
State = Callable[[], list[tuple[Any, ...]]]


def test_the_same_files_again_change_nothing(load: Load, state: State, tmp_path: Path) -> None:
    north, south = tmp_path / "north.csv", tmp_path / "south.csv.gz"
    north.write_text(HEADER + "\n" + ROW.format(1) + "\n")
    south.write_bytes(gzip.compress((HEADER + "\n" + ROW.format(2)).replace(",", ";").encode()))
    first = load(north, south)
    before = state()
    told: list[str] = []
    assert load(north, south, report=told.append) == first
    assert told == ["north.csv, south.csv.gz: in force already, nothing was changed"]
    assert state() == before
    for others in ((south, north), (north,), (south,)):
        assert load(*others).load_id > first.load_id
        first = load(north, south)


def test_several_files_are_one_extract(load: Load, ask: Ask, tmp_path: Path) -> None:
    north, south = tmp_path / "north.csv", tmp_path / "south.csv.gz"
    north.write_text(HEADER + "\n" + ROW.format(1) + "\nshort")
    content = gzip.compress((HEADER + "\n" + ROW.format("é")).replace(",", ";").encode("cp1252"))
    south.write_bytes(content)
    done = load(north, south)
    assert ask("select line_number, raw_record, customer_id from raw.extract_rows order by 1") == [
        (2, None, "NSat1"),
        (4, "short", None),
        (6, None, "NSaté"),
    ]
    prints = [hashlib.sha256(each).hexdigest() for each in (north.read_bytes(), content)]
    assert done.file_sha256 == hashlib.sha256("\n".join(prints).encode()).hexdigest()
    assert (done.file_name, done.delivered_rows) == ("north.csv, south.csv.gz", 3)
    assert done.file_bytes == north.stat().st_size + len(content)
    columns = "file_name, file_sha256, first_line, last_line, delivered_rows, file_format"
    assert ask(f"select {columns} from raw.extract_files order by file_number") == [
        ("north.csv", prints[0], 1, 4, 2, "UTF-8, comma between fields, header on line 1"),
        (
            *("south.csv.gz", prints[1], 5, 6, 1),
            "gzip, Windows-1252, semicolon between fields, header on line 1",
        ),
    ]


def test_a_fault_of_the_last_file_loads_none(load: Load, state: State, tmp_path: Path) -> None:
    before = state()
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(HEADER + "\n" + ROW)
    bad.write_text(HEADER + "\n" + ROW * 9000 + '"')
    with pytest.raises(NexasatError, match=r"bad.csv, line 9002, column 1 .customer_id.: a double"):
        load(good, bad)
    assert state() == before
