"""Boards and marts know of each other: exposures are written from charts/, no column hides."""

import json
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from nexasat.boards import EXPOSURES, exposures, read_boards

PROJECT = Path(__file__).parents[3]
BOARDS = read_boards(PROJECT)
DCT = shutil.which("dct", path=sysconfig.get_path("scripts"))


def test_exposures_are_those_that_would_be_written_now() -> None:
    assert BOARDS[0].name == "index"
    assert exposures(PROJECT) == (PROJECT / EXPOSURES).read_text("utf-8"), "report --exposures"


def test_every_board_reads_marts_by_ref_alone() -> None:
    marts = {path.stem for path in PROJECT.glob("models/marts/**/*.sql")}
    for board in BOARDS:
        assert set(board.marts) <= marts
        for query in board.queries:
            assert query.count("ref(") == query.count("}} as "), f"{board.name}: alias each mart"
            assert "marts." not in query


@pytest.mark.skipif(DCT is None, reason="dbt Charts needs Python 3.11 and the extra `report`")
def test_dct_impact_finds_the_boards_of_a_column() -> None:
    told = subprocess.run(
        [str(DCT), "impact", "historical_clv", "--table", "rpt_segment_profiles", "--json"],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(PROJECT), "DO_NOT_TRACK": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(told.stdout)
    assert found["boards_scanned"] == len(BOARDS)
    assert found["indeterminate"] == []
    hits = {Path(hit["board"]).stem for hit in found["hits"]}
    known = {"rpt_segment_profiles": {"historical_clv": None}}
    assert hits == {board.name for board in BOARDS if board.columns(known)}
    assert len(hits) >= 3
