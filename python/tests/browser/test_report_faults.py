"""A report that cannot be drawn leaves the old one, says why, and never fails a build."""

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nexasat.errors import ExitCode
from nexasat.settings import Settings

pytest.importorskip("dbt_charts", reason="needs the extra `report` and Python 3.11")

Nexasat = Callable[..., subprocess.CompletedProcess[str]]


def _content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@contextmanager
def changed_board(project: Path, column: str) -> Iterator[None]:
    """The board of data quality with another column for its delivered rows, for a while."""
    board = project / "charts" / "data_quality.yml"
    text = board.read_text(encoding="utf-8")
    board.write_text(text.replace("audit.delivered_rows,", column), encoding="utf-8")
    try:
        yield
    finally:
        board.write_text(text, encoding="utf-8")


@pytest.fixture
def broken(report_project: Settings, site: Path) -> Iterator[Settings]:
    """The project with a board that reads a column which is not there."""
    assert site
    with changed_board(report_project.project, "audit.delivered_cows,"):
        yield report_project


def test_a_broken_board_leaves_the_old_report(
    broken: Settings, site: Path, nexasat: Nexasat
) -> None:
    before = _content(site)
    done = nexasat(broken, "report", "--boards-only")
    assert done.returncode == ExitCode.FAILED
    assert "error: charts/data_quality.yml" in done.stderr
    assert "delivered_cows" in done.stderr
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr
    assert _content(site) == before
    assert list(broken.project.glob(".site-*")) == []


def test_boards_read_as_bi_reader_once_there_are_roles(
    report_project: Settings,
    site: Path,
    synthetic_template: str,
    fresh_database: Callable[[str, str], dict[str, str]],
    nexasat: Nexasat,
) -> None:
    database = fresh_database("report_of_a_reader", synthetic_template)
    assert nexasat(report_project, "roles", **database).returncode == 0
    done = nexasat(report_project, "report", "--boards-only", **database)
    assert done.returncode == 0, done.stderr
    before = _content(site)
    hidden = "(select count(*) from raw.extract_loads) as delivered_rows,"
    with changed_board(report_project.project, hidden):
        done = nexasat(report_project, "report", "--boards-only", **database)
    assert done.returncode == ExitCode.FAILED
    assert "permission denied for schema raw" in done.stderr
    assert _content(site) == before


def test_a_report_of_nothing_says_what_to_do(
    report_project: Settings,
    site: Path,
    fresh_database: Callable[[str], dict[str, str]],
    nexasat: Nexasat,
) -> None:
    before = _content(site)
    done = nexasat(report_project, "report", **fresh_database("report_of_nothing"))
    assert done.returncode == ExitCode.FAILED
    assert "there are no marts" in done.stderr
    assert "hint: nexasat build" in done.stderr
    assert _content(site) == before


def test_a_broken_board_does_not_fail_a_build(
    broken: Settings,
    site: Path,
    synthetic_template: str,
    fresh_database: Callable[[str, str], dict[str, str]],
    nexasat: Nexasat,
) -> None:
    database = fresh_database("report_of_a_build", synthetic_template)
    before = _content(site)
    done = nexasat(broken, "build", NEXASAT_REPORT="1", **database)
    assert done.returncode == 0, done.stderr
    assert "warning     no new report: charts/data_quality.yml" in done.stdout
    assert "delivered_cows" in done.stdout
    assert {name for name in before if before[name] != _content(site)[name]} == set()
