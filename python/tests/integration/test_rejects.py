"""Rejected rows are listed, exported, mended and given back; no row is lost on the way."""

import csv
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nexasat import rejects, warehouse
from nexasat.errors import ExitCode, NexasatError
from nexasat.generate_recipe import COLUMNS
from nexasat.settings import Settings

HEADER = ",".join(COLUMNS) + "\n"
ROW = "{},{},Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,{}\n"
NORTH = HEADER + ROW.format("A", "Female", 0) + ROW.format("B", "Woman", 2) + "C,Male\n"
SOUTH = HEADER + ROW.format("D", "Male", 0) * 2
SOUTH += ROW.format("E", " ", 0) + ROW.format("F", '"a,b"', 0)
JUDGED = ("+dim_customers", "+rpt_load_audit", "+fct_rejected_rows")

Nexasat = Callable[..., subprocess.CompletedProcess[str]]
Ask = Callable[[str], list[tuple[Any, ...]]]
Export = Callable[[Path], list[dict[str, str]]]
GiveBack = Callable[[Path], rejects.Mended]


@pytest.fixture(scope="module")
def judge(build_part: Callable[..., None]) -> Callable[[Settings], None]:
    """Builds what judges the rows."""

    def build(settings: Settings) -> None:
        only = ("--exclude-resource-type", "unit_test", "--indirect-selection", "buildable")
        build_part(settings, "build", *only, "--select", *JUDGED)

    return build


@pytest.fixture(scope="module")
def settings(
    dbt_settings: Callable[..., Settings],
    nexasat: Nexasat,
    judge: Callable[[Settings], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """A database with two files, five of whose seven rows are rejected."""
    found = dbt_settings("rejects")
    folder = tmp_path_factory.mktemp("rejects")
    north, south = folder / "north.csv", folder / "south.csv"
    north.write_text(NORTH)
    south.write_text(SOUTH)
    done = nexasat(found, "load", north, south, "--extract-date", "2023-07-31")
    assert done.returncode == 0, done.stderr
    done = nexasat(found, "rejects")
    assert done.returncode == ExitCode.FAILED
    assert done.stderr.endswith("were not judged yet\nhint: nexasat build\n")
    judge(found)
    return found


@pytest.fixture
def rebuild(settings: Settings, judge: Callable[[Settings], None]) -> Callable[[], None]:
    """Judges the rows of the extract in force."""
    return lambda: judge(settings)


@pytest.fixture
def ask(settings: Settings) -> Ask:
    def run(query: str) -> list[tuple[Any, ...]]:
        with warehouse.connect(settings.environment) as connection:
            return [tuple(row.values()) for row in warehouse.fetch(connection, query)]

    return run


@pytest.fixture
def give_back(settings: Settings) -> GiveBack:
    def run(path: Path) -> rejects.Mended:
        with warehouse.connect(settings.environment) as connection:
            return rejects.reload(connection, path, lambda _: None)

    return run


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def export(settings: Settings, nexasat: Nexasat) -> Export:
    """Exports the rejected rows to a file, and reads it."""

    def run(path: Path) -> list[dict[str, str]]:
        done = nexasat(settings, "rejects", "--export", path)
        assert done.returncode == 0, done.stderr
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert done.stderr.startswith(f"{path}: {len(rows)} rejected rows; mend them there")
        return rows

    return run


def test_rejected_rows_are_listed(settings: Settings, nexasat: Nexasat) -> None:
    done = nexasat(settings, "rejects", "--limit", "2")
    assert done.returncode == 0, done.stderr
    table, first, second = done.stdout.strip().split("\n\n")
    assert [re.split(r" {2,}", line) for line in table.splitlines()[2:]] == [
        ["gender is not Female or Male", "2"],
        ["churn is not 0 or 1", "1"],
        ["customer_id is delivered again", "1"],
        ["gender is missing", "1"],
        ["the record does not split into the columns of the header", "1"],
    ]
    assert first.startswith("north.csv:3  gender 'Woman' is not Female or Male; churn '2' is not")
    assert first.endswith("\n    B,Woman,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,2")
    assert second == (
        "north.csv:4  the record does not split into the columns of the header\n    C,Male"
    )


def test_an_export_can_be_given_back(
    settings: Settings, nexasat: Nexasat, export: Export, tmp_path: Path
) -> None:
    rows = export(tmp_path / "mend.csv")
    places = [(row["file_name"], row["file_line_number"], row["rejected_line"]) for row in rows]
    assert places == [
        ("north.csv", "3", "3"),
        ("north.csv", "4", "4"),
        ("south.csv", "2", "6"),
        ("south.csv", "4", "8"),
        ("south.csv", "5", "9"),
    ]
    assert [row["rejected_record"] for row in rows] == ["", "C,Male", "", "", ""]
    assert [row["gender"] for row in rows] == ["Woman", "", "Male", " ", "a,b"]
    done = nexasat(settings, "rejects", "reload", tmp_path / "mend.csv")
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith("0 mended rows, 5 unchanged; the extract has 7 rows\n")


@pytest.mark.parametrize(
    "case",
    [
        ({"rejected_line": "2"}, r"line 2: line 2 of load \d+ is not among the rows that are"),
        ({"rejected_line": "x"}, r"line 2: line x of load \d+ is not among"),
        ({"rejected_load": "0"}, r"line 2: line 3 of load 0 is not among the rows that are reject"),
        ({"rejected_load": ""}, r"line 2: line 3 of load nothing is not among the rows that are"),
    ],
)
def test_what_is_no_rejected_row_is_refused(
    export: Export,
    give_back: GiveBack,
    ask: Ask,
    tmp_path: Path,
    case: tuple[dict[str, str], str],
) -> None:
    changes, message = case
    state = ask("select * from raw.extract_files")
    rows = export(tmp_path / "mend.csv")
    path = write(tmp_path / "changed.csv", [rows[0] | {"gender": "Male"} | changes, *rows[1:]])
    with pytest.raises(NexasatError, match=message) as caught:
        give_back(path)
    assert caught.value.exit_code == ExitCode.BAD_FILE
    assert ask("select * from raw.extract_files") == state


def test_a_mended_row_that_does_not_split_is_refused(
    export: Export, give_back: GiveBack, tmp_path: Path
) -> None:
    path = tmp_path / "mend.csv"
    export(path)
    path.write_text(path.read_text().replace("Woman", "Female") + "short,row\n")
    with pytest.raises(NexasatError, match=r"mend.csv, line 7: the record does not split into"):
        give_back(path)
    path.write_text(HEADER + ROW.format("B", "Female", 0))
    with pytest.raises(NexasatError, match=r"missing: rejected_load, rejected_line") as caught:
        give_back(path)
    assert caught.value.hint.endswith("as nexasat rejects --export wrote them")


def test_mended_rows_join_the_extract_and_no_row_is_lost(
    export: Export,
    give_back: GiveBack,
    rebuild: Callable[[], None],
    ask: Ask,
    tmp_path: Path,
) -> None:
    woman, short, twice, empty, comma = export(tmp_path / "mend.csv")
    good = {name: woman[name] for name in COLUMNS}
    new = dict.fromkeys(woman, "") | good
    path = write(
        tmp_path / "mended.csv",
        [
            woman | {"gender": "Female", "churn": "1"},
            short | good | {"customer_id": "C", "gender": "Female", "churn": "0"},
            twice,
            empty | {"gender": "Other"},
            new | {"customer_id": "A", "gender": "Male", "churn": "1"},
        ],
    )
    first = give_back(path)
    assert (first.mended_rows, first.unchanged_rows, first.load.delivered_rows) == (4, 1, 8)
    assert give_back(path).load == first.load  # the same file again
    files = "file_name, first_line, last_line, delivered_rows, replaced_rows"
    assert ask(f"select {files} from raw.extract_files order by file_number") == [
        ("north.csv", 1, 4, 1, 2),
        ("south.csv", 5, 9, 3, 1),
        ("mended.csv", 10, 15, 4, 0),
    ]
    stale = write(tmp_path / "stale.csv", [comma | {"gender": "Male"}])
    with pytest.raises(NexasatError, match="were not judged yet"):
        give_back(stale)
    rebuild()
    with pytest.raises(NexasatError, match=r"line 9 of load \d+ is not among"):
        give_back(stale)
    audit = "select file_name, delivered_rows, accepted_rows, rejected_rows, extract_date::text"
    assert ask(f"{audit} from marts.rpt_load_audit") == [
        ("north.csv, south.csv, mended.csv", 8, 4, 4, "2023-07-31")
    ]
    query = "select customer_id, gender, is_churned from marts.dim_customers order by 1"
    assert ask(query) == [
        ("A", "Male", True),  # the mended row came last
        ("B", "Female", True),
        ("C", "Female", False),
        ("D", "Male", False),
    ]
    rows = "select file_name, file_line_number, reasons from marts.fct_rejected_rows order by 1, 2"
    assert ask(rows) == [
        ("mended.csv", 5, "gender 'Other' is not Female or Male"),
        ("north.csv", 2, "customer_id is delivered again on line 15"),
        ("south.csv", 2, "customer_id is delivered again on line 7"),
        ("south.csv", 5, "gender 'a,b' is not Female or Male"),
    ]
