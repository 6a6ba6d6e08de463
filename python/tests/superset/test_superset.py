"""Superset really started, as `make superset` does: slow, only for `.ci/superset.sh test`."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Request

from chromium import chromium
from integration.test_metrics import METRICS
from nexasat import warehouse
from nexasat.settings import Settings

pytestmark = pytest.mark.skipif(
    "SUPERSET_VENV" not in os.environ, reason="slow, a stage of its own: .ci/superset.sh test"
)
STARTS_WITHIN = 600  # seconds; its tables are made first
CONTENTS = """
    select
        (select count(*) from public.dbs) as databases,
        (select count(*) from public.tables) as datasets,
        (select count(*) from public.table_columns) as columns,
        (select count(*) from public.sql_metrics) as metrics,
        (select count(*) from public.slices) as charts,
        (select count(*) from public.dashboards) as dashboards,
        (select count(*) from public.dashboard_slices) as shown
"""
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def place(
    project: Path,
    fresh_database: Callable[..., dict[str, str]],
    synthetic_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """The project on a built warehouse, with a folder and a port of its own."""
    folder = tmp_path_factory.mktemp("superset")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    found = fresh_database("superset_test", synthetic_template)
    more = {"NEXASAT_HOME": str(folder), "DBT_TARGET_PATH": str(folder), "SUPERSET_PORT": port}
    return Settings(project, {**os.environ, **found, **more})


@contextmanager
def running(place: Settings) -> Iterator[str]:
    """Superset, from `.ci/superset.sh` to Ctrl-C; gives its address."""
    address = f"http://127.0.0.1:{place.environment['SUPERSET_PORT']}"
    process = subprocess.Popen(
        [place.project / ".ci" / "superset.sh"],
        cwd=place.project,
        env=dict(place.environment),
        start_new_session=True,
    )
    try:
        for _ in range(STARTS_WITHIN):
            assert process.poll() is None, "it ended by itself"
            try:
                urllib.request.urlopen(f"{address}/health", timeout=2)  # noqa: S310  our own
                break
            except OSError:
                time.sleep(1)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


@pytest.fixture(scope="module")
def address(place: Settings) -> Iterator[str]:
    """Superset after two starts, each of which imports the bundle."""
    with running(place):
        before = contents(place)
    with running(place) as found:
        assert contents(place) == before, "the second import doubled or lost something"
        assert before["dashboards"] == 1
        assert before["shown"] == before["charts"] > 10
        yield found


def contents(place: Settings) -> warehouse.Row:
    """How much of everything Superset has."""
    parameters = {**place.environment, "PGDATABASE": "superset"}
    with warehouse.connect(parameters) as connection:
        return warehouse.fetch(connection, CONTENTS)[0]


@pytest.fixture(scope="module")
def page(place: Settings, address: str) -> Iterator[Any]:
    """A browser in which the administrator has logged in."""
    asked: list[str] = []
    stopped: set[str] = set()  # by the rules of the page itself

    def note(request: Request) -> None:
        asked.append(request.url)

    def note_if_stopped(request: Request) -> None:
        if request.failure == "csp":
            stopped.add(request.url)

    home = Path(place.environment["NEXASAT_HOME"]) / "superset"
    password = (home / "admin_password").read_text().strip()
    assert (home / "admin_password").stat().st_mode & 0o077 == 0
    with chromium() as browser:
        opened = browser.new_page(viewport={"width": 1400, "height": 1100})
        opened.on("request", note)
        opened.on("requestfailed", note_if_stopped)
        opened.goto(f"{address}/login/")
        opened.locator("input[name=username], #username").fill("admin")
        opened.locator("input[name=password], #password").fill(password)
        opened.keyboard.press("Enter")
        opened.wait_for_url("**/welcome/**", timeout=60_000)
        yield opened
    away = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    assert [url for url in away if url not in stopped] == [], "somebody else was called"


@pytest.fixture(scope="module")
def ask(page: Any, address: str) -> Ask:  # noqa: ANN401
    """Superset's own interface: `ask("/chart/data", {...})` gives status and answer."""
    token = page.request.get(f"{address}/api/v1/security/csrf_token/").json()["result"]

    def send(path: str, sent: dict[str, Any] | None = None) -> tuple[int, Any]:
        where = f"{address}/api/v1{path}"
        if sent is None:
            answer = page.request.get(where)
        else:
            headers = {"X-CSRFToken": token, "Referer": address}
            answer = page.request.post(where, data=sent, headers=headers)
        return answer.status, answer.json()

    return send


def test_every_metric_is_that_of_sql_on_the_marts(place: Settings, ask: Ask) -> None:
    _, found = ask("/dataset/?q=(page_size:100)")
    compared = 0
    with warehouse.connect(place.environment) as connection:
        for dataset in found["result"]:
            _, told = ask(f"/dataset/{dataset['id']}")
            names = [metric["metric_name"] for metric in told["result"]["metrics"]]
            if not names:
                continue
            source = {"id": dataset["id"], "type": "table"}
            query = {"metrics": names, "columns": [], "filters": []}
            status, answer = ask("/chart/data", {"datasource": source, "queries": [query]})
            assert status == 200, answer
            [row] = answer["result"][0]["data"]
            for name in names:
                if dataset["table_name"] == "fct_campaign_customers":
                    assert not row[name], "there is no campaign"
                    continue
                [expected] = warehouse.fetch(connection, f"select ({METRICS[name]}) as it")
                assert row[name] == pytest.approx(float(expected["it"]), rel=1e-9), name
                compared += 1
    assert compared > 20


def test_datasets_say_what_they_are(ask: Ask) -> None:
    _, found = ask("/dataset/?q=(page_size:100)")
    [one] = [row for row in found["result"] if row["table_name"] == "rpt_customer_360"]
    _, told = ask(f"/dataset/{one['id']}")
    assert "One row per" in told["result"]["description"]
    columns = {column["column_name"]: column for column in told["result"]["columns"]}
    assert all(column["description"] for column in columns.values())
    assert "Key of dim_customers.customer_id." in columns["customer_id"]["description"]
    assert all("certified_by" in metric["extra"] for metric in told["result"]["metrics"])


def test_the_dashboard_shows_what_the_marts_say(place: Settings, page: Any, address: str) -> None:  # noqa: ANN401
    page.goto(f"{address}/superset/dashboard/customer-value/")
    page.locator(".header-line, .superset-legacy-chart-big-number").first.wait_for(timeout=120_000)
    page.wait_for_load_state("networkidle", timeout=120_000)
    with warehouse.connect(place.environment) as connection:
        [row] = warehouse.fetch(connection, f"select ({METRICS['active_customers']}) as it")
    page.get_by_text(f"{row['it']:,}", exact=True).first.wait_for(timeout=60_000)
    picture = Path(place.environment["NEXASAT_HOME"]) / "dashboard.png"
    page.screenshot(path=picture, full_page=True)
    assert page.get_by_text("Data error").count() == 0, picture
    shown = page.locator("[data-test=chart-container], .chart-slice").count()
    assert shown >= contents(place)["charts"]


def test_nobody_writes_through_superset(place: Settings, ask: Ask) -> None:
    _, found = ask("/database/")
    [database] = found["result"]
    assert database["allow_dml"] is False
    for statement in ("delete from marts.dim_plans", "create table marts.mine (a int)"):
        sent = {"database_id": database["id"], "sql": statement, "schema": "marts"}
        status, answer = ask("/sqllab/execute/", {**sent, "runAsync": False})
        assert status >= 400, answer
    with (
        warehouse.connect({**place.environment, "PGUSER": "bi_reader"}) as connection,
        pytest.raises(Exception, match="permission denied"),
    ):
        warehouse.execute(connection, "delete from marts.dim_plans")
