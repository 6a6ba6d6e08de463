"""Every analysis runs against a built warehouse, and the README beside them tells the truth.

dbt compiles and builds happily with an analysis that names a column that is not there.
"""

import csv
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

import psycopg
import pytest
import yaml  # type: ignore[import-untyped]

from nexasat import warehouse
from nexasat.settings import Settings

PROJECT = Path(__file__).resolve().parents[3]
DBT = Path(sysconfig.get_path("scripts")) / "dbt"
FOLDER = PROJECT / "analyses"
NAMES = sorted(path.stem for path in FOLDER.glob("*.sql"))
BROKEN = "base__with_a_column_that_is_not_there"
ROW = re.compile(r"\| \[(\w+)\]\((\w+)\.sql\) \| (.+) \| (.+) \| (.+) \|")
SPAN = re.compile(r"([A-Z]+)(\d+)(?: to [A-Z]+(\d+))?")


@pytest.fixture(scope="module")
def compiled(
    server: Settings,
    synthetic_warehouse: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """The SQL of every analysis as dbt compiles it, and of a broken one beside them.

    dbt works on a copy of the project, so that the broken one is never in the real one. The name of
    the database is taken out of the SQL, for it to run in another one.
    """
    copy = tmp_path_factory.mktemp("analyses") / "project"
    unwanted = shutil.ignore_patterns(".*", "target", "logs", "python", "benchmarks")
    shutil.copytree(PROJECT, copy, ignore=unwanted)
    whole = (copy / "analyses" / f"{NAMES[0]}.sql").read_text(encoding="utf-8")
    assert whole.count("churned_customers") > 0
    broken = whole.replace("churned_customers", "churned_customer")
    (copy / "analyses" / f"{BROKEN}.sql").write_text(broken, encoding="utf-8")
    told = subprocess.run(
        [DBT, "compile", "--select", "resource_type:analysis", "--profiles-dir", copy],
        cwd=copy,
        env={**server.environment, **synthetic_warehouse, "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert told.returncode == 0, told.stdout
    found = (copy / "target" / "compiled" / "nexasat" / "analyses").glob("*.sql")
    database = f'"{synthetic_warehouse["PGDATABASE"]}".'
    return {path.stem: path.read_text(encoding="utf-8").replace(database, "") for path in found}


@pytest.fixture(scope="module")
def synthetic(synthetic_warehouse: dict[str, str]) -> Iterator[warehouse.Connection]:
    with warehouse.connect(synthetic_warehouse) as connection:
        yield connection


@pytest.fixture(scope="module")
def real(real_warehouse: dict[str, str]) -> Iterator[warehouse.Connection]:
    with warehouse.connect(real_warehouse) as connection:
        yield connection


@pytest.fixture(scope="module")
def readme() -> dict[str, tuple[str, list[str]]]:
    """What analyses/README.md says of each file: the marts that it reads, and figure ids."""
    told: dict[str, tuple[str, list[str]]] = {}
    for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| ["):
            found = ROW.fullmatch(line)
            assert found, f"this line cannot be read: {line}"
            name, file, marts, figures, answer = found.groups()
            assert name == file
            assert name not in told
            assert len(answer) > 4, f"{name} has no answer"
            told[name] = (
                marts,
                [figure for span in SPAN.findall(figures) for figure in _span(*span)],
            )
    return told


def _span(area: str, first: str, last: str) -> list[str]:
    return [f"{area}{number:02d}" for number in range(int(first), int(last or first) + 1)]


def _run(connection: warehouse.Connection, query: str, name: str) -> list[warehouse.Row]:
    """Runs an analysis; it must give a row, and no column that is null in all of them."""
    rows = warehouse.fetch(connection, query)
    assert rows, f"{name} gives no row"
    empty = [column for column in rows[0] if all(row[column] is None for row in rows)]
    assert not empty, f"{name}: no value in {', '.join(empty)}"
    return rows


def test_dbt_compiles_every_file_and_the_broken_one(compiled: dict[str, str]) -> None:
    assert set(compiled) == {*NAMES, BROKEN}
    assert len(NAMES) >= 10


def test_a_broken_analysis_would_be_found(
    compiled: dict[str, str], synthetic: warehouse.Connection
) -> None:
    with pytest.raises(psycopg.errors.UndefinedColumn, match="churned_customer"):
        _run(synthetic, compiled[BROKEN], BROKEN)


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("select 1 as one from marts.dim_plans where false", "gives no row"),
        ("select 1 as one, null as two from marts.dim_plans", "no value in two"),
    ],
)
def test_an_analysis_without_an_answer_would_be_found(
    synthetic: warehouse.Connection, query: str, complaint: str
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        _run(synthetic, query, "x")


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_on_the_bundled_extract(
    compiled: dict[str, str], synthetic: warehouse.Connection, name: str
) -> None:
    _run(synthetic, compiled[name], name)


@pytest.mark.parametrize("name", NAMES)
def test_its_figures_are_in_its_rows(
    compiled: dict[str, str],
    real: warehouse.Connection,
    readme: dict[str, tuple[str, list[str]]],
    shared: Path,
    name: str,
) -> None:
    """Each figure that the README promises is a cell on the real extract, exact or rounded."""
    rows = _run(real, compiled[name], name)
    exact = _exact_values(shared)
    cells = [{str(value) for value in row.values() if value is not None} for row in rows]
    for figure in readme[name][1]:
        wanted = exact.get(figure)
        if wanted is not None:  # the list has gaps
            parts = wanted.split("|")
            assert any(all(map(row.__contains__, parts)) for row in map(_Cells, cells)), figure


class _Cells:
    """The values of a row; a number is in it when one equals, rounds or is cut off to it."""

    def __init__(self, cells: set[str]) -> None:
        self.cells = cells

    def __contains__(self, wanted: str) -> bool:
        return any(cell == wanted or _is_nearly(cell, wanted) for cell in self.cells)


def _is_nearly(cell: str, wanted: str) -> bool:
    try:
        value, target = Decimal(cell), Decimal(wanted)
    except InvalidOperation:
        return False
    return target in (value.quantize(target, ROUND_HALF_UP), value.quantize(target, ROUND_FLOOR))


def _exact_values(shared: Path) -> dict[str, str]:
    with (shared / "figures" / "published.csv").open(newline="", encoding="utf-8") as file:
        return {row["figure_id"]: row["exact_value"] for row in csv.DictReader(file)}


def test_the_readme_lists_the_files_and_no_other(
    readme: dict[str, tuple[str, list[str]]],
) -> None:
    assert sorted(readme) == NAMES


def test_the_command_of_the_readme(
    server: Settings, synthetic_warehouse: dict[str, str], project: Path, tmp_path: Path
) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    [command] = re.findall(r"^```sh\n(.+)\n```$", readme, re.MULTILINE)
    path = f"{DBT.parent}:{server.environment['PATH']}"
    folders = {"DBT_TARGET_PATH": str(tmp_path), "DBT_LOG_PATH": str(tmp_path)}
    told = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=project,
        env={**server.environment, **synthetic_warehouse, **folders, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert re.search(r"\b7043 +\| +4272 +\| +2771 +\| +39\.3\b", told.stdout), told.stderr


def test_the_readme_covers_every_published_figure(
    readme: dict[str, tuple[str, list[str]]], shared: Path
) -> None:
    promised = {figure for _, figures in readme.values() for figure in figures}
    exact = _exact_values(shared)
    assert exact
    assert not set(exact) - promised


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_names_the_marts_that_it_reads(
    readme: dict[str, tuple[str, list[str]]], name: str
) -> None:
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    marts = re.findall(r"ref\('(\w+)'\)", text)
    assert ", ".join(f"`{mart}`" for mart in marts) == readme[name][0]
    assert all(mart.startswith(("dim_", "fct_", "rpt_")) for mart in marts)


def test_every_file_says_what_it_means_and_its_trap() -> None:
    described = yaml.safe_load((FOLDER / "_analyses.yml").read_text(encoding="utf-8"))["analyses"]
    assert sorted(analysis["name"] for analysis in described) == NAMES
    for analysis in described:
        assert "One row" in analysis["description"]
        text = (FOLDER / f"{analysis['name']}.sql").read_text(encoding="utf-8")
        assert re.match(r"\{#\n  \S.+\n( .+\n)*?  Trap: ", text), analysis["name"]
