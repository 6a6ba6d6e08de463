"""docs/queries.md: every query runs in psql and gives the rows that are shown."""

import re
import subprocess
from pathlib import Path

import pytest

from nexasat.embedded import programs

QUERIES = Path(__file__).parents[3] / "docs" / "queries.md"
QUESTION = re.compile(
    r"^### (\d+)\. ([^\n]+\?)\n\n(?:(?!```)[^\n]+\n\n)?```sql\n(.*?)```\n(?:\n```\n(.*?)```\n)?",
    re.MULTILINE | re.DOTALL,
)
FOUND = QUESTION.findall(QUERIES.read_text(encoding="utf-8"))


def ask(parameters: dict[str, str], query: str) -> list[str]:
    """The lines that psql prints, without blanks at their ends."""
    done = subprocess.run(
        [programs.bundled() / "psql", "-XqP", "footer=off", "-v", "ON_ERROR_STOP=1", "-c", query],
        env={**parameters, "PGOPTIONS": "-c search_path=pg_catalog"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return [line.rstrip() for line in done.stdout.strip("\n").splitlines()]


def test_there_are_twenty_questions_and_most_are_answered() -> None:
    text = QUERIES.read_text(encoding="utf-8")
    assert [int(number) for number, *_ in FOUND] == list(range(1, 21))
    assert text.count("\n### ") == text.count("```sql") == len(FOUND)
    assert len([shown for *_, shown in FOUND if shown]) == 20


@pytest.mark.parametrize(("number", "question", "query", "shown"), FOUND)
def test_the_answer_is_the_one_shown(
    synthetic_warehouse: dict[str, str], number: str, question: str, query: str, shown: str
) -> None:
    told = ask(synthetic_warehouse, query)
    assert len(told) > 2, f"{number}. {question} has no answer"
    assert [line.rstrip() for line in shown.strip("\n").splitlines()] == told
    assert set(re.findall(r"\b(?:from|join) (\w+)\.", query)) == {"marts"}


def test_a_wrong_query_would_be_found(synthetic_warehouse: dict[str, str]) -> None:
    with pytest.raises(AssertionError, match="no_such_mart"):
        ask(synthetic_warehouse, "select 1 from marts.no_such_mart")
