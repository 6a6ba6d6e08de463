"""Extracts that leave a population empty, or stand at the edge of what is believed, still build."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nexasat import warehouse
from nexasat.generate_recipe import COLUMNS

ACTIVE = "{},Female,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,0"
CHURNED = "{},Male,No,No,1,100,2.5,Prepaid,Basic,80,7,No,No,1"
# The largest bill, usage, minutes and tenure that are believed, of somebody far from everybody.
LARGEST = "{},Male,No,No,1,1000000,1000000,Postpaid,Basic,1000000,1200,No,No,1"
REJECTED = "{},Male,No,No,1,100,2.5,Prepaid,Basic,1000000.01,7,No,No,1"

Build = Callable[..., dict[str, str]]
Ask = Callable[[str], list[tuple[object, ...]]]


def _built(build_warehouse: Build, name: str, folder: Path, *lines: str) -> Ask:
    """Builds an extract of these rows; returns what asks the warehouse."""
    extract = folder / f"{name}.csv"
    rows = [line.format(f"E{number}") for number, line in enumerate(lines)]
    extract.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    parameters = build_warehouse(name, extract)

    def ask(query: str) -> list[tuple[object, ...]]:
        with warehouse.connect(parameters) as connection:
            return [tuple(row.values()) for row in warehouse.fetch(connection, query)]

    return ask


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("edge_extracts")


def test_every_row_rejected(build_warehouse: Build, folder: Path) -> None:
    ask = _built(build_warehouse, "all_rejected", folder, REJECTED, REJECTED)
    audit = "select delivered_rows, accepted_rows, rejected_rows from marts.rpt_load_audit"
    assert ask(audit) == [(2, 0, 2)]
    assert (
        ask("select reasons from marts.fct_rejected_rows")
        == [("monthly_bill_amount is over 1000000",)] * 2
    )
    assert ask("select count(*) from marts.dim_customers") == [(0,)]
    fences = "select customers_outside_iqr, first_quartile, mean_value"
    assert ask(f"{fences} from marts.rpt_outlier_summary") == [(0, None, None)] * 4


def test_churned_customers_only(build_warehouse: Build, folder: Path) -> None:
    ask = _built(build_warehouse, "churned_only", folder, CHURNED, CHURNED, LARGEST)
    scores = "select count(*) as customers, count(clv_score) as scores"
    assert ask(f"{scores} from marts.fct_customer_value") == [(3, 0)]
    assert ask("select count(*) from marts.fct_customer_segments") == [(0,)]
    tiers = "select customers, customers_scored, churned_customers from marts.rpt_segment_profiles"
    assert ask(tiers) == [(0, 0, 0)] * 4
    assert ask("select count(lower_clv_score) from marts.dim_segments") == [(0,)]


def test_one_active_customer_beside_the_largest(build_warehouse: Build, folder: Path) -> None:
    """All cut-offs are the one score; the churned giant leaves the scaled scores alone."""
    ask = _built(build_warehouse, "one_active", folder, ACTIVE, LARGEST)
    assert ask("select value_tier from marts.fct_customer_segments") == [("Moderate Value",)]
    cut_offs = "select distinct lower_clv_score from marts.dim_segments where value_tier_rank < 4"
    scores = "select clv_score, clv_score_scaled from marts.fct_customer_value order by 1"
    (active, churned) = ask(scores)
    assert ask(cut_offs) == [(active[0],)]
    assert active[1] == 0
    assert churned == (None, None)
    giant = "select historical_clv from marts.fct_customer_value where is_churned"
    assert ask(giant) == [(1_200_000_000,)]
