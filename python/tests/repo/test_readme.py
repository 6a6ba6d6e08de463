"""README and DECISIONS are true: marts, commands, output and decision numbers."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from nexasat import warehouse
from nexasat.building import Build
from nexasat.summary import summarise

PROJECT = Path(__file__).parents[3]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
TEXTS = [
    *PROJECT.glob("models/**/*.sql"),
    *PROJECT.glob("models/**/*.yml"),
    *PROJECT.glob("models/**/*.md"),
    *PROJECT.glob("macros/**/*.sql"),
    *PROJECT.glob("macros/*.yml"),
    *PROJECT.glob("seeds/**/*.yml"),
    *PROJECT.glob("analyses/*"),
]


def test_map_of_the_marts_is_complete() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \|", README, flags=re.MULTILINE))
    built = {path.stem for path in PROJECT.glob("models/marts/**/*.sql")}
    assert listed == built


def test_every_decision_that_is_named_exists() -> None:
    decided = re.findall(
        r"^## (D-\d{3}) ", (PROJECT / "DECISIONS.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    named = {number for path in TEXTS for number in re.findall(r"D-\d{3}", path.read_text("utf-8"))}
    assert len(named) > 5
    assert named <= set(decided)
    assert decided == sorted(set(decided))


def test_every_make_target_of_readme_exists() -> None:
    targets = set(re.findall(r"\bmake (\w+)", README))
    assert {"build", "test"} <= targets
    for target in targets:
        subprocess.run(["make", "--dry-run", target], cwd=PROJECT, check=True, capture_output=True)


def shell_lines() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    return [line.partition(" #")[0].strip() for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("line", [line for line in shell_lines() if line.startswith("nexasat ")])
def test_every_option_of_a_nexasat_line_exists(line: str) -> None:
    words = line.split()[1:]
    command = words[: 2 if words[0] == "campaign" else 1]  # the one with commands of its own
    told = subprocess.run(
        [PROJECT / ".venv/bin/nexasat", *command, "--help"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for option in (word for word in words if word.startswith("--")):
        assert option in told


def test_changelog_and_exposures_name_every_mart() -> None:
    built = {path.stem for path in PROJECT.glob("models/marts/**/*.sql")}
    changes = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert built == {name for name in built if f"`{name}`" in changes}
    exposures = yaml.safe_load((PROJECT / "models/marts/_marts__exposures.yml").read_text("utf-8"))
    exposed = {
        re.sub(r"ref\('(\w+)'\)", r"\1", name)
        for exposure in exposures["exposures"]
        for name in exposure["depends_on"]
    }
    assert built == exposed


def test_the_page_of_readme_is_what_a_build_prints(
    synthetic_warehouse: dict[str, str],
) -> None:
    with warehouse.connect(synthetic_warehouse) as connection:
        page = summarise(connection, Build(parameters={"PGHOST": "/", "PGDATABASE": "nexasat"}))
    shown = README.partition("prints:\n\n```\n")[2].partition("```")[0]
    assert _without_times(shown) == _without_times(page)


def _without_times(page: str) -> list[str]:
    lines = [line.rstrip() for line in page.splitlines()]
    return [line for line in lines if line and not line.startswith("time ")]
