"""Readers never see a half-built or untested mart, whatever is killed; and a control.

More of it, for hours if you like: `make chaos`.
"""

from pathlib import Path

import pytest

from chaos.builds import STAGES
from chaos.harness import run
from chaos.readers import KINDS


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder that the account of the server can pass through."""
    made = tmp_path_factory.mktemp("chaos")
    for parent in (made, made.parent):
        parent.chmod(0o711)
    return made


def test_ten_kills(project: Path, folder: Path) -> None:
    """One in each stage and more, two builds that fail a test, a killed server."""
    found = run(project, folder, 10, 7, stock=False, report=print)
    assert found.problems == []
    assert [seen.faults for seen in found.seen] == [{}] * len(KINDS)
    assert all(seen.reads > 5 for seen in found.seen)
    assert sum(found.killed.values()) == 10
    assert all(found.killed[stage] for stage in STAGES)


def test_the_same_readers_see_faults_in_stock_dbt(project: Path, folder: Path) -> None:
    """Without a kill: so the readers can tell."""
    found = run(project, folder, 2, 7, stock=True, report=print)
    faults = sum((seen.faults for seen in found.seen), start=type(found.seen[0].faults)())
    assert faults["torn"] + faults["empty"] > 0
    assert faults["42P01"] > 0, "the view of others is still there"
