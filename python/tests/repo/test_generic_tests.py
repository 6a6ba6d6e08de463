"""Every generic test fails on relations that break it, by nulls too, and passes on good ones.

A throwaway dbt project has the real `tests/generic` and a view for each case.
"""

import json
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nexasat.settings import Settings

PROJECT = Path(__file__).parents[3]
FOLDER = PROJECT / "tests" / "generic"
DBT = Path(sysconfig.get_path("scripts")) / "dbt"
FLAGS = {"require_generic_test_arguments_property": True, "validate_macro_args": True}
KINDS = {"good", "bad", "null", "empty"}


@dataclass(frozen=True)
class Case:
    """A relation, the generic test on it, and whether the test has to pass."""

    test: str
    kind: str
    about: str
    rows: str
    arguments: dict[str, str] = field(default_factory=dict)
    passes: bool = False
    column: str = ""

    @property
    def name(self) -> str:
        """The name of the view and, with `test_` before it, of the test."""
        return f"{self.test}__{self.kind}__{self.about.replace(' ', '_')}"

    @property
    def model(self) -> dict[str, object]:
        """The view with its test, as it stands in YAML."""
        test = {self.test: {"name": f"test_{self.name}", "arguments": self.arguments}}
        if self.column:
            return {"name": self.name, "columns": [{"name": self.column, "data_tests": [test]}]}
        return {"name": self.name, "data_tests": [test]}


def numbers(*values: str) -> str:
    """A relation with a column n of these values."""
    if not values:
        return "select 1 as n where false"
    listed = ", ".join(f"({value})" for value in values)
    return f"select cast(n as numeric) as n from (values {listed}) as rows (n)"


def holds(
    kind: str, about: str, *values: str, rule: str = "n > 0", passes: bool = False, column: str = ""
) -> Case:
    """An expression on numbers, or on their column."""
    rows = numbers(*values)
    return Case("expression_holds", kind, about, rows, {"expression": rule}, passes, column)


def tile(kind: str, about: str, *rows: str, passes: bool = False, group_by: str = "") -> Case:
    """Ranges, each as `group, lower, upper, is_lower_included, is_upper_included`."""
    typed = "'', 0.0, 0.0, true, true"
    listed = ", ".join(f"({row})" for row in (typed, *rows))
    columns = "range_group, lower_bound, upper_bound, lower_in, upper_in"
    arguments = {
        "lower": "lower_bound",
        "upper": "upper_bound",
        "is_lower_included": "lower_in",
        "is_upper_included": "upper_in",
        **({"group_by": group_by} if group_by else {}),
    }
    query = f"select * from (values {listed}) as ranges ({columns}) where range_group <> ''"
    return Case("ranges_tile", kind, about, query, arguments, passes)


def count(
    kind: str, about: str, *values: str, other: str, where: str = "", passes: bool = False
) -> Case:
    """As many numbers as one of the other relations has rows."""
    arguments = {
        "compare_model": f"ref('{other}')",
        **({"compare_condition": where} if where else {}),
    }
    return Case("row_count_equals", kind, about, numbers(*values), arguments, passes)


def sums(kind: str, about: str, *values: str, total: str = "1", passes: bool = False) -> Case:
    """Numbers and their total."""
    return Case("sums_to", kind, about, numbers(*values), {"total": total}, passes, "n")


OTHERS = {"two_rows": numbers("1", "2"), "a_null": numbers("1", "null"), "no_rows": numbers()}
LOW = "'a', null, 1.0, false, false"
MIDDLE = "'a', 1.0, 2.0, true, true"
HIGH = "'a', 2.0, null, false, false"
OTHER_GROUP = ("'b', null, 5.0, true, true", "'b', 5.0, null, false, true")
AN_OR = "n > 5 or n < 3"

CASES = [
    holds("good", "on the row", "1", "2", passes=True),
    holds("good", "on the column", "1", "2", rule="> 0", column="n", passes=True),
    holds("good", "an or", "6", "2", rule=AN_OR, passes=True),
    holds("bad", "one of the rows", "1", "0"),
    holds("bad", "one row of the column", "1", "0", rule="> 0", column="n"),
    holds("bad", "an or", "6", "4", rule=AN_OR),
    holds("null", "in the row", "1", "null"),
    holds("null", "in the column", "1", "null", rule="> 0", column="n"),
    holds("empty", "has no row that could break it", passes=True),
    tile("good", "three", LOW, MIDDLE, HIGH, passes=True),
    tile("good", "in any order", HIGH, LOW, MIDDLE, passes=True),
    tile("good", "one without bounds", "'a', null, null, true, true", passes=True),
    tile(
        "good", "two groups", LOW, MIDDLE, HIGH, *OTHER_GROUP, group_by="range_group", passes=True
    ),
    tile("bad", "a gap", LOW, HIGH),
    tile("bad", "a gap in one group", LOW, HIGH, *OTHER_GROUP, group_by="range_group"),
    tile("bad", "groups taken together", LOW, MIDDLE, HIGH, *OTHER_GROUP),
    tile("bad", "an overlap", LOW, "'a', 0.5, 2.0, true, true", HIGH),
    tile("bad", "a range twice", LOW, MIDDLE, MIDDLE, HIGH),
    tile("bad", "a bound in both", LOW, MIDDLE, "'a', 2.0, null, true, false"),
    tile("bad", "a bound in neither", LOW, "'a', 1.0, 2.0, true, false", HIGH),
    tile("bad", "upside down", LOW, "'a', 1.0, 0.5, true, true", "'a', 0.5, null, false, false"),
    tile("bad", "a single point", LOW, "'a', 1.0, 1.0, true, true", "'a', 1.0, null, false, false"),
    tile("bad", "no lower end", MIDDLE, HIGH),
    tile("bad", "no upper end", LOW, MIDDLE),
    tile("bad", "two lower ends", LOW, LOW, MIDDLE, HIGH),
    tile("bad", "two upper ends", LOW, MIDDLE, HIGH, HIGH),
    tile("null", "bound inside", LOW, "'a', 1.0, null, true, true", HIGH),
    tile("null", "lower flag", LOW, "'a', 1.0, 2.0, null, true", HIGH),
    tile("null", "upper flag", LOW, "'a', 1.0, 2.0, true, null", HIGH),
    tile("null", "flag of the lower end", "'a', null, 1.0, null, false", MIDDLE, HIGH),
    tile("null", "flag of the upper end", LOW, MIDDLE, "'a', 2.0, null, false, null"),
    tile("empty", "tiles nothing"),
    count("good", "as many", "5", "6", other="two_rows", passes=True),
    count("good", "where it is true", "5", other="two_rows", where="n > 1", passes=True),
    count("bad", "one less", "5", other="two_rows"),
    count("bad", "one more", "5", "6", "7", other="two_rows"),
    count("bad", "where it is true", "5", "6", other="two_rows", where="n > 1"),
    count("null", "condition is not true", "5", "6", other="a_null", where="n > 0"),
    count("null", "number is a row", "5", "null", other="two_rows", passes=True),
    count("empty", "model", other="two_rows"),
    count("empty", "other relation", "5", other="no_rows"),
    count("empty", "both", other="no_rows", passes=True),
    sums("good", "exactly", "0.4", "0.6", passes=True),
    sums("good", "below zero", "-0.5", "1.5", passes=True),
    sums("bad", "too little", "0.4", "0.5999"),
    sums("bad", "too much", "0.4", "0.6001"),
    sums("null", "beside the total", "0.4", "0.6", "null"),
    sums("null", "only", "null", total="0"),
    sums("empty", "is not a total of 0", total="0"),
]


@pytest.fixture(scope="module")
def statuses(
    server: Settings,
    fresh_database: Callable[[str], dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """What became of each test: pass, fail or, where its SQL does not run, error."""
    folder = tmp_path_factory.mktemp("generic_tests")
    shutil.copytree(FOLDER, folder / "tests" / "generic")
    shutil.copy(PROJECT / "profiles.yml", folder)
    named = {"name": "generic_tests", "profile": "nexasat", "flags": FLAGS}
    (folder / "dbt_project.yml").write_text(json.dumps(named))  # JSON is YAML
    (folder / "models").mkdir()
    for name, query in {**OTHERS, **{case.name: case.rows for case in CASES}}.items():
        (folder / "models" / f"{name}.sql").write_text(query)
    models = json.dumps({"models": [case.model for case in CASES]})
    (folder / "models" / "models.yml").write_text(models)
    done = subprocess.run(
        [DBT, "build", "--warn-error"],
        cwd=folder,
        env={**server.environment, **fresh_database("generic_tests"), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    results = folder / "target" / "run_results.json"
    assert results.exists(), done.stdout + done.stderr
    return {
        result["unique_id"].split(".")[2]: result["status"]
        for result in json.loads(results.read_text())["results"]
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_passes_on_good_relations_only(case: Case, statuses: dict[str, str]) -> None:
    assert statuses[f"test_{case.name}"] == ("pass" if case.passes else "fail")


@pytest.mark.parametrize("test", sorted(path.stem for path in FOLDER.glob("*.sql")))
def test_each_is_tried_in_every_way(test: str) -> None:
    tried = {(case.kind, case.passes) for case in CASES if case.test == test}
    assert {kind for kind, _ in tried} == KINDS
    assert {("good", True), ("bad", False), ("null", False)} <= tried
    assert not {("good", False), ("bad", True)} & tried


def test_each_is_described_with_its_parameters() -> None:
    signatures = {}
    for path in FOLDER.glob("*.sql"):
        found = re.findall(r"{% test (\w+)\(model, (.*?)\) %}", path.read_text("utf-8"))
        assert [name for name, _ in found] == [path.stem]
        signatures[path.stem] = [word.partition("=")[0] for word in found[0][1].split(", ")]
    listed: dict[str, list[str]] = {}
    table = (FOLDER / "README.md").read_text("utf-8")
    for name, parameter in re.findall(r"^\| (?:`(\w+)` )?\| `(\w+)` \|", table, re.MULTILINE):
        listed.setdefault(name or list(listed)[-1], []).append(parameter)
    assert listed == signatures
    described = (FOLDER / "_generic__tests.yml").read_text("utf-8")
    pattern = r"^  - name: test_(\w+)\n    description: .+\.$"
    assert re.findall(pattern, described, re.MULTILINE) == sorted(signatures)
