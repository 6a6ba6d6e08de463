"""The published marts are what BI tools need: plain types, and a comment on everything."""

import re
from pathlib import Path

import pytest

from nexasat import warehouse

TYPES = {"text", "integer", "bigint", "boolean", "date", "timestamp with time zone"}
NUMERIC = re.compile(r"numeric\(\d+,\d+\)")
FLOATS = {  # marts with double precision, for what has no last digit to keep
    "dim_clusters": "overlap, a mean over samples",
    "fct_cluster_runs": "measures of scikit-learn",
    "fct_cluster_scans": "measures of scikit-learn",
    "fct_customer_features": "what KMeans reads",
    "fct_customer_segments": "a distance",
    "fct_survival_curves": "survival, from logarithms",
    "rpt_campaign_lift": "rates, bounds and p-values",
    "rpt_campaign_power": "a difference from square roots",
    "rpt_cluster_drift": "an index from logarithms",
    "rpt_cluster_tier_agreement": "information, from logarithms",
    "rpt_logrank_tests": "statistics and p-values",
    "rpt_retention_summary": "survival, from logarithms",
}
COLUMNS = """
    select
        relname as mart, attname as name, format_type(atttypid, atttypmod) as type,
        col_description(attrelid, attnum) as comment, obj_description(attrelid) as mart_comment
    from pg_attribute
    inner join pg_class on attrelid = pg_class.oid
    where relnamespace = to_regnamespace('marts') and relkind = 'v' and attnum > 0
    order by 1, attnum
"""


@pytest.fixture(scope="module")
def columns(synthetic_warehouse: dict[str, str]) -> list[warehouse.Row]:
    """Columns of the published views."""
    with warehouse.connect(synthetic_warehouse) as connection:
        return warehouse.fetch(connection, COLUMNS)


def test_types_are_those_that_bi_tools_know(columns: list[warehouse.Row]) -> None:
    odd = [
        row for row in columns if row["type"] not in TYPES and not NUMERIC.fullmatch(row["type"])
    ]
    assert [row for row in odd if row["type"] != "double precision"] == []
    assert {row["mart"] for row in odd} == set(FLOATS)


def test_marts_and_columns_are_described(columns: list[warehouse.Row], project: Path) -> None:
    built = {path.stem for path in project.glob("models/marts/**/*.sql")}
    assert {row["mart"] for row in columns} == built
    assert [row for row in columns if not (row["comment"] or "").strip()] == []
    assert [
        row["mart"] for row in columns if "One row per" not in (row["mart_comment"] or "")
    ] == []
