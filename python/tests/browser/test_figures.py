"""One definition, three consumers: a figure of the board is the metric and what SQL says."""

import csv
import json
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.test_metrics import METRICS
from nexasat import warehouse
from nexasat.report_tools import Tools
from nexasat.settings import Settings

pytest.importorskip("dbt_charts", reason="needs the extra `report` and Python 3.11")

QUALITY = {  # of the data, and no metrics
    "accepted_rows": "select count(*) from marts.dim_customers",
    "rejected_rows": "select count(*) from marts.fct_rejected_rows",
    "fitting_share": "select avg((conformity = 'fits')::integer) from marts.fct_bill_conformity",
}
DCT = Path(sysconfig.get_path("scripts")) / "dct"


def test_a_figure_of_the_board_is_the_metric_and_sql_on_the_marts(
    report_project: Settings,
    site: Path,
    synthetic_warehouse: dict[str, str],
    nexasat: Callable[..., subprocess.CompletedProcess[str]],
    tmp_path: Path,
) -> None:
    assert site.is_dir()
    project = report_project.project
    Tools(report_project, synthetic_warehouse, project / "target" / "report").parse()
    told = tmp_path / "index.json"
    drawn = subprocess.run(
        [
            *(DCT, "render", "charts/index.yml", "--format", "data", "--output", told),
            *("--no-cache", "--no-warnings", "--project-dir", project),
            *("--dbt-project-dir", project / "target" / "report"),
        ],
        cwd=project,
        env={**report_project.environment, "DO_NOT_TRACK": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert drawn.returncode == 0, drawn.stderr
    queries = json.loads(told.read_text())["queries"]
    [board], [quality] = queries["totals"]["rows"], queries["quality"]["rows"]
    names = list(board)
    assert len(names) == 6

    answer = tmp_path / "metrics.csv"
    words = ("mf", "query", "--metrics", ",".join(names), "--csv", answer)
    done = nexasat(report_project, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    with answer.open(newline="") as file:
        [metrics] = csv.DictReader(file)
    with warehouse.connect(synthetic_warehouse) as connection:
        for name in names:
            [row] = warehouse.fetch(connection, f"select ({METRICS[name]}) as figure")
            expected = pytest.approx(float(row["figure"]), rel=1e-9)
            assert float(board[name]) == expected, name
            assert float(metrics[name]) == expected, name
        for name, query in QUALITY.items():
            [row] = warehouse.fetch(connection, f"select ({query}) as figure")
            assert float(quality[name]) == pytest.approx(float(row["figure"]), rel=1e-9), name
