"""What the bundle for Superset makes of dbt's manifests; Superset itself: `tests/superset`."""

import copy
import hashlib
from pathlib import Path
from typing import Any

import pytest

from nexasat import superset_bundle
from nexasat.errors import NexasatError
from nexasat.superset_metrics import expression, number_format

SERVER = {"PGHOST": "/run/of mine", "PGPORT": "5433", "PGDATABASE": "nexasat"}
MANIFEST: dict[str, Any] = {
    "nodes": {
        "model.nexasat.fct_bills": {
            "name": "fct_bills",
            "alias": "fct_bills",
            "schema": "marts",
            "resource_type": "model",
            "access": "public",
            "description": "Bills. One row per bill.",
            "constraints": [
                {"type": "primary_key", "columns": ["bill_key"]},
                {
                    "type": "foreign_key",
                    "columns": ["plan_key"],
                    "to": "ref('dim_plans')",
                    "to_columns": ["plan_key"],
                },
            ],
            "columns": {
                "bill_key": {"data_type": "text", "description": "Key."},
                "plan_key": {"data_type": "text", "description": "Plan."},
                "bill_amount": {"data_type": "numeric(12, 2)", "description": "Bill."},
                "billed_date": {"data_type": "date", "description": "Day."},
            },
        },
        "model.nexasat.int_bills": {"resource_type": "model", "access": "private"},
        "test.nexasat.one": {"resource_type": "test"},
    }
}


def _simple(name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    told = {"name": name, "label": name.capitalize(), "description": f"All {name}."}
    measure = {"name": name, "filter": None}
    return {**told, "type": "simple", "type_params": {"measure": measure}, "filter": None, **more}


def _ratio(name: str, above: str, below: str) -> dict[str, Any]:
    parts = {
        "measure": None,
        "numerator": {"name": above, "filter": None},
        "denominator": {"name": below, "filter": None},
    }
    return {**_simple(name), "type": "ratio", "type_params": parts}


SEMANTICS: dict[str, Any] = {
    "semantic_models": [
        {
            "node_relation": {"alias": "fct_bills"},
            "measures": [
                {"name": "bills", "agg": "count", "expr": "bill_key"},
                {"name": "plans", "agg": "count_distinct", "expr": "plan_key"},
                {"name": "bill_amount", "agg": "sum", "expr": None},
                {"name": "middle", "agg": "median", "expr": "bill_amount"},
            ],
        },
        {
            "node_relation": {"alias": "dim_plans"},
            "measures": [{"name": "offered", "agg": "count", "expr": "plan_key"}],
        },
    ],
    "metrics": [
        *(_simple(name) for name in ("bills", "plans", "bill_amount", "middle", "offered")),
        _simple("bills_of_one", filter={"where_filters": ["plan_key = 'one'"]})
        | {"type_params": {"measure": {"name": "bills", "filter": None}}},
        _ratio("bills_a_plan", "bills", "plans"),
        _ratio("mean_bill", "bill_amount", "bills"),
        _ratio("bills_an_offer", "bills", "offered"),
        _simple("so_far") | {"type": "cumulative", "type_params": {"measure": None}},
    ],
}
DASHBOARD: dict[str, Any] = {
    "title": "Bills",
    "slug": "bills",
    "description": "All of them.",
    "rows": [
        [{"metric": "bills"}, {"metric": "mean_bill"}],
        [{"metric": "bills", "by": "plan_key"}],
    ],
}


@pytest.mark.parametrize(
    ("name", "table", "told"),
    [
        ("bills", "fct_bills", "count(bill_key)"),
        ("plans", "fct_bills", "count(distinct plan_key)"),
        ("bill_amount", "fct_bills", "sum(bill_amount)"),
        ("middle", "fct_bills", "percentile_cont(0.5) within group (order by bill_amount)"),
        (
            "mean_bill",
            "fct_bills",
            "cast(sum(bill_amount) as numeric) / nullif(count(bill_key), 0)",
        ),
        ("bills", "dim_plans", None),  # of another table
        ("bills_an_offer", "fct_bills", None),  # of two tables
        ("bills_of_one", "fct_bills", None),  # what Superset could not say the same way
        ("so_far", "fct_bills", None),
    ],
)
def test_a_metric_is_sql_of_its_table_or_nothing(name: str, table: str, told: str | None) -> None:
    assert expression(name, table, SEMANTICS) == told


@pytest.mark.parametrize(
    ("name", "told"),
    [("bills", ",d"), ("bill_amount", ",.2f"), ("bills_a_plan", ".1%"), ("mean_bill", ",.2f")],
)
def test_counts_are_whole_and_shares_in_per_cent(name: str, told: str) -> None:
    assert number_format(name, SEMANTICS) == told


def test_each_mart_is_a_dataset_that_says_what_it_is() -> None:
    found = superset_bundle.documents(MANIFEST, SEMANTICS, DASHBOARD, SERVER)
    assert [name for name in found if name.startswith("datasets")] == [
        "datasets/nexasat/fct_bills.yaml"
    ]
    dataset = found["datasets/nexasat/fct_bills.yaml"]
    assert dataset["description"] == "Bills. One row per bill."
    assert dataset["main_dttm_col"] == "billed_date"
    columns = {column["column_name"]: column for column in dataset["columns"]}
    assert columns["plan_key"]["description"] == "Plan. Key of dim_plans.plan_key."
    assert columns["bill_amount"]["type"] == "NUMERIC(12, 2)"
    assert [metric["metric_name"] for metric in dataset["metrics"]] == [
        *("bills", "plans", "bill_amount", "middle", "bills_a_plan", "mean_bill")
    ]
    database = found["databases/nexasat.yaml"]
    assert database["sqlalchemy_uri"] == (
        "postgresql+psycopg2://bi_reader@/nexasat?host=%2Frun%2Fof+mine&port=5433"
    )
    assert database["allow_dml"] is False


def test_the_dashboard_has_its_charts_in_rows() -> None:
    found = superset_bundle.documents(MANIFEST, SEMANTICS, DASHBOARD, SERVER)
    charts = {
        document["uuid"]: document for name, document in found.items() if name.startswith("charts")
    }
    assert [chart["slice_name"] for chart in charts.values()] == [
        *("Bills", "Mean_bill", "Bills by plan key")
    ]
    place = found["dashboards/nexasat.yaml"]["position"]
    assert [len(place[row]["children"]) for row in place["GRID_ID"]["children"]] == [2, 1]
    shown = [
        value["meta"]
        for value in place.values()
        if isinstance(value, dict) and value["type"] == "CHART"
    ]
    assert [meta["uuid"] for meta in shown] == list(charts)
    assert [meta["width"] for meta in shown] == [6, 6, 12]


@pytest.mark.parametrize(
    ("chart", "told"),
    [
        ({"metric": "profit"}, "dashboard.yml shows profit, which no mart has"),
        ({"metric": "bills", "by": "mood"}, "dashboard.yml shows bills by mood, which no mart has"),
        ({"metric": "bills_an_offer"}, "dashboard.yml shows bills_an_offer, which no mart has"),
    ],
)
def test_a_chart_of_what_is_not_there(chart: dict[str, str], told: str) -> None:
    wanted = copy.deepcopy(DASHBOARD) | {"rows": [[chart]]}
    with pytest.raises(NexasatError, match=told):
        superset_bundle.documents(MANIFEST, SEMANTICS, wanted, SERVER)


def test_the_same_bundle_has_the_same_bytes(tmp_path: Path) -> None:
    sums = set()
    for name in ("one.zip", "two.zip"):
        found = superset_bundle.documents(MANIFEST, SEMANTICS, DASHBOARD, SERVER)
        superset_bundle.write(found, tmp_path / name)
        sums.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(sums) == 1
