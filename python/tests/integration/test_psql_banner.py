"""`nexasat psql` tells a person at a terminal what there is to ask, and nobody else."""

import os
import pty
import re
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from nexasat.settings import Settings

Nexasat = Callable[..., subprocess.CompletedProcess[str]]
NEXASAT = Path(sysconfig.get_path("scripts")) / "nexasat"
LEAD = "NexaSat customer value, database "


@pytest.fixture(scope="module")
def settings(server: Settings, synthetic_warehouse: dict[str, str], project: Path) -> Settings:
    """The project on a warehouse of the bundled extract, with psql of the package on its own."""
    quiet = {"PAGER": "cat", "PSQLRC": "/dev/null", "PSQL_HISTORY": "/dev/null", "TERM": "dumb"}
    return Settings(project, {**server.environment, **synthetic_warehouse, **quiet})


def at_a_terminal(settings: Settings, *arguments: str, typed: str = "") -> str:
    """What somebody sees who starts `nexasat psql` in a terminal and types."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [NEXASAT, "psql", *arguments],
        cwd=settings.project,
        env=dict(settings.environment),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    seen = b""
    try:
        while block := os.read(ours, 65536):
            seen += block
    except OSError:
        pass  # so Linux says that the other side is closed
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return seen.decode().replace("\r\n", "\n")


def test_what_a_person_reads_first_is_true(settings: Settings, nexasat: Nexasat) -> None:
    seen = at_a_terminal(settings, typed="select 6 * 7 as answer;\n\\q\n")
    assert f"{LEAD}synthetic. Data as of 2023-07-31, from bundled synthetic extract" in seen
    assert "7,043 customers, none of them real" in seen
    assert " 42" in seen, "it is psql that was started"
    queries = re.findall(r"^  (select .+;)$", seen, re.MULTILINE)
    assert len(queries) == 3
    for query in queries:
        done = nexasat(settings, "psql", "-v", "ON_ERROR_STOP=1", "-tc", query)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("\n") > 2
        assert LEAD not in done.stdout + done.stderr
    marts = {path.stem for path in settings.project.glob("models/marts/**/*.sql")}
    listed = nexasat(settings, "psql", "-Atc", "\\dv+ marts.*").stdout.splitlines()
    assert {line.split("|")[1] for line in listed if "One row per" in line} == marts
    assert "\\dv+ marts.*" in seen
    described = nexasat(settings, "psql", "-Atc", "\\d+ marts.dim_customers").stdout
    assert "Key of the customer" in described


def test_who_asks_something_or_is_a_program_gets_the_answer_alone(
    settings: Settings, nexasat: Nexasat
) -> None:
    assert at_a_terminal(settings, "-Atc", "select 7") == "7\n"
    piped = nexasat(settings, "psql", stdin="\\t on\nselect 7;")
    assert LEAD not in piped.stdout + piped.stderr
    assert "7" in piped.stdout


def test_before_the_first_build_it_says_how(
    settings: Settings, fresh_database: Callable[[str], dict[str, str]]
) -> None:
    empty = Settings(settings.project, {**settings.environment, **fresh_database("nothing_yet")})
    seen = at_a_terminal(empty, typed="\\q\n")
    assert f"{LEAD}nothing_yet: nothing is built yet (nexasat build)" in seen
