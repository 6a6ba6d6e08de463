"""The report as a reader meets it: whole, legible, true to the marts, and with no network."""

import csv
import re
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page
from psycopg import sql

from nexasat import warehouse
from nexasat.boards import read_boards

pytest.importorskip("dbt_charts", reason="needs the extra `report` and Python 3.11")

PROJECT = Path(__file__).parents[3]
BOARDS = [board.name for board in read_boards(PROJECT)]
BESIDE = ["docs.html", "lineage.html", "cluster_scan.svg"]
WIDTHS = {"phone": 400}
# what a text on white must have; white text on bars is judged by axe and by eye
CONTRASTS = """() => {
    const linear = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const found = [];
    for (const text of document.querySelectorAll('svg text, svg tspan')) {
        const own = [...text.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        const fill = getComputedStyle(text).fill.match(/[\\d.]+/g);
        if (!own || !fill) continue;
        const [r, g, b] = fill.slice(0, 3).map(Number).map(linear);
        const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        found.push([text.textContent.trim(), 1.05 / (light + 0.05)]);
    }
    return found;
}"""
BARS = """chart => [...document.querySelectorAll(`#chart-${chart} [aria-roledescription=bar]`)]
    .map(bar => [bar.getAttribute('aria-label'), bar.getBoundingClientRect().width])"""
KPI = "chart => document.querySelector(`#chart-${chart} text`).textContent"

OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(site: Path, browser: Browser) -> Iterator[OpenPage]:
    """Opens a file of the report: `open_page("index.html", width=400)`."""
    pages = []

    def open_file(name: str, width: int = 1280) -> Page:
        page = browser.new_page(viewport={"width": width, "height": 900})
        pages.append(page)
        page.goto(f"file://{site}/{name}")
        return page

    yield open_file
    for page in pages:
        page.close()


@pytest.mark.parametrize("name", [*(f"{board}.html" for board in BOARDS), *BESIDE])
def test_a_page_opens_from_the_disk_without_errors_or_network(
    site: Path, browser: Browser, name: str
) -> None:
    told: list[str] = []
    asked: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"file://{site}/{name}")
    page.wait_for_timeout(1000)
    page.close()
    assert f"file://{site}/{name}" in asked
    assert {urlparse(url).scheme for url in asked} <= {"file", "data", "blob"}
    if name != "docs.html":  # dbt's own page has icons for which Angular looks before it is ready
        assert [line for line in told if not line.startswith("log: ")] == []


@pytest.mark.parametrize("board", BOARDS)
def test_a_page_keeps_nobody_out(open_page: OpenPage, board: str) -> None:
    page = open_page(f"{board}.html", WIDTHS.get(board, 1280))
    violations = Axe().run(page).response["violations"]
    assert [(found["id"], found["nodes"][0]["html"][:200]) for found in violations] == []
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("board", BOARDS)
def test_texts_are_whole_and_dark_enough(open_page: OpenPage, board: str) -> None:
    texts = open_page(f"{board}.html", WIDTHS.get(board, 1280)).evaluate(CONTRASTS)
    assert len(texts) > 20
    assert [text for text in texts if text[1] < 4.5] == []
    assert [text for text, _ in texts if text.endswith(("…", "...")) or "None" in text] == []


@pytest.mark.parametrize("board", BOARDS)
def test_every_page_names_extract_and_population(
    open_page: OpenPage, board: str, synthetic_warehouse: dict[str, str]
) -> None:
    text = " ".join(open_page(f"{board}.html").inner_text("body").split())
    total = _row(
        synthetic_warehouse,
        "select * from rpt_plan_summary where plan_level = 'All' and plan_type = 'All'",
    )
    assert "31 July 2023" in text
    assert f"{total['customers']:,} customers" in text
    assert f"{total['active_customers']:,}" in text
    assert "What the words mean" in text


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_scrolls_sideways(open_page: OpenPage, board: str, width: int) -> None:
    page = open_page(f"{board}.html", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_link_leads_to_a_file(open_page: OpenPage, site: Path) -> None:
    targets = set()
    for board in BOARDS:
        page = open_page(f"{board}.html")
        targets |= set(page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.href)"))
    paths = {Path(unquote(urlparse(target).path)) for target in targets}
    assert [path for path in paths if not path.is_file()] == []
    linked = {str(path.relative_to(site)) for path in paths}
    made = {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}
    assert linked == made


def test_bars_are_as_long_as_the_marts_say(
    open_page: OpenPage, synthetic_warehouse: dict[str, str]
) -> None:
    bars = open_page("index.html").evaluate(BARS, "so_far_by_tier")
    drawn = {re.sub(r"^\W*|;.*", "", label): width for label, width in bars}
    with warehouse.connect(synthetic_warehouse) as connection:
        rows = warehouse.fetch(
            connection, "select value_tier, historical_clv from rpt_segment_profiles"
        )
    values = {row["value_tier"]: float(row["historical_clv"]) for row in rows}
    assert drawn.keys() == values.keys()
    longest = max(values, key=lambda tier: values[tier])
    for tier, value in values.items():
        assert drawn[tier] / drawn[longest] == pytest.approx(value / values[longest], abs=0.01)


@pytest.mark.parametrize(
    ("chart", "column", "words"),
    [
        ("k_active", "totals.active_customers", "{:,}"),
        ("k_churn", "100 * totals.churn_rate", "{:.1f}%"),
        ("k_revenue", "totals.mrr", "{:,.0f}"),
        ("k_bill", "totals.mean_bill_active", "{:,.2f}"),
        ("k_so_far", "valued.so_far", "{:,.0f}"),
        ("k_expected", "valued.expected", "{:,.0f}"),
    ],
)
def test_a_figure_is_that_of_the_marts(
    open_page: OpenPage,
    synthetic_warehouse: dict[str, str],
    chart: str,
    column: str,
    words: str,
) -> None:
    row = _row(
        synthetic_warehouse,
        f"select {column} as figure from rpt_plan_summary as totals, (select sum(historical_clv) as"
        " so_far, sum(residual_clv_24m) as expected from fct_customer_value where not is_churned)"
        " as valued where totals.plan_level = 'All' and totals.plan_type = 'All'",
    )
    shown = open_page("index.html").evaluate(KPI, chart)
    assert "".join(shown.split()) == words.format(Decimal(row["figure"]))


def test_the_lists_are_those_of_the_marts(site: Path, synthetic_warehouse: dict[str, str]) -> None:
    with warehouse.connect(synthetic_warehouse) as connection:
        offers = warehouse.fetch(connection, "select offer_key, customers from rpt_offer_summary")
    written = {}
    for path in (site / "lists").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        written[path.stem] = len({row["customer_id"] for row in rows})
        values = [Decimal(row["expected_value"]) for row in rows]
        assert values == sorted(values, reverse=True)
    assert written == {offer["offer_key"]: offer["customers"] for offer in offers}


@pytest.mark.skipif(shutil.which("dot") is None, reason="no graphviz: apt install graphviz")
def test_the_keys_between_the_marts_are_drawn(open_page: OpenPage) -> None:
    text = open_page("erd.svg").evaluate("document.documentElement.textContent")
    assert "dim_customers" in text
    assert "fct_customer_value" in text


def _row(parameters: dict[str, str], query: str) -> warehouse.Row:
    with warehouse.connect(parameters) as connection:
        [row] = warehouse.fetch(connection, sql.SQL(query) + sql.SQL(""))
    return row
