"""Kaplan-Meier curves equal those of lifelines and of the literature.

lifelines reads a median off its curve without a tolerance, so that it misses a survival of 0.5 that
rounding has lifted; our medians are compared with exact fractions in test_survival_properties.py.
"""

from collections.abc import Callable
from typing import Any

import lifelines
import pandas as pd
import pytest
from lifelines import datasets
from lifelines.utils import median_survival_times

from nexasat import warehouse

Rows = list[tuple[Any, ...]]
Survive = Callable[..., list[warehouse.Row]]

DATASETS = {  # name: columns of group, duration and event
    "waltons": ("group", "T", "E"),
    "rossi": ("fin", "week", "arrest"),
    "lung": ("sex", "time", "status"),
    "leukemia": ("Rx", "t", "status"),
    "larynx": ("Stage_IV", "time", "death"),
    "gbsg2": ("horTh", "time", "cens"),
    "kidney_transplant": ("black_male", "time", "death"),
    "dd": ("regime", "duration", "observed"),
}
CUSTOMERS = """
    select plan_key, gender, tenure_months, is_churned from marts.dim_customers
"""


def load(name: str) -> Rows:
    """A data set of lifelines as rows of (group, group, duration, event)."""
    frame = getattr(datasets, f"load_{name}")()
    columns = zip(*(frame[column].tolist() for column in DATASETS[name]), strict=True)
    return [(str(g), str(g), float(t), bool(e)) for g, t, e in columns]


def assert_equal(found: list[warehouse.Row], rows: Rows, confidence: float = 0.95) -> None:
    """Every column of the curve of each stratum equals that of lifelines."""
    strata = sorted({row[0] for row in rows})
    assert sorted({row["stratum"] for row in found}) == strata
    for stratum in strata:
        curve = sorted(
            (row for row in found if row["stratum"] == stratum), key=lambda row: row["duration"]
        )
        durations = [row[2] for row in rows if row[0] == stratum]
        events = [row[3] for row in rows if row[0] == stratum]
        kaplan = lifelines.KaplanMeierFitter(alpha=1 - confidence).fit(durations, events)
        nelson = lifelines.NelsonAalenFitter(nelson_aalen_smoothing=False).fit(durations, events)
        times = [row["duration"] for row in curve]
        bounds = kaplan.confidence_interval_.loc[times]
        table = kaplan.event_table.loc[times]
        expected = {
            "at_risk": kaplan.event_table["at_risk"].loc[times],
            "events": table["observed"],
            "censored": table["censored"],
            "survival": kaplan.survival_function_["KM_estimate"].loc[times],
            "survival_lower": bounds.iloc[:, 0],
            "survival_upper": bounds.iloc[:, 1],
            "cumulative_hazard": nelson.cumulative_hazard_["NA_estimate"].loc[times],
        }
        for column, values in expected.items():
            told = [row[column] for row in curve]
            assert told == pytest.approx(values.tolist(), rel=0, abs=1e-9), (stratum, column)


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize("confidence", [0.95, 0.8, 0.999])
def test_equals_lifelines_on_its_data_sets(survive: Survive, name: str, confidence: float) -> None:
    rows = load(name)
    assert_equal(survive("curves", rows, confidence), rows, confidence)


@pytest.mark.parametrize("name", DATASETS)
def test_medians_and_their_intervals_equal_lifelines(survive: Survive, name: str) -> None:
    rows = load(name)
    for row in survive("summary", rows):
        durations = [each[2] for each in rows if each[0] == row["stratum"]]
        events = [each[3] for each in rows if each[0] == row["stratum"]]
        kaplan = lifelines.KaplanMeierFitter().fit(durations, events)
        interval = median_survival_times(kaplan.confidence_interval_).iloc[0]
        expected = [kaplan.median_survival_time_, *interval]
        assert row["customers"] == len(durations)
        assert row["churned_customers"] == sum(events)
        columns = ("median_tenure_months", "median_tenure_lower", "median_tenure_upper")
        assert [row[column] for column in columns] == [
            None if value == float("inf") else value for value in expected
        ]


@pytest.mark.parametrize(
    "rows",
    [
        [("a", "a", 3, True)],
        [("a", "a", 3, False)],
        [("a", "a", 0, True), ("a", "a", 1, True)],
        [("a", "a", 1, False), ("a", "a", 2, False)],
        [("a", "a", 2, True), ("a", "a", 2, True), ("a", "a", 2, True)],
        [("a", "a", 2, True), ("a", "a", 2, False), ("a", "a", 5, True), ("b", "b", 5, False)],
    ],
    ids=["one event", "one censored", "at 0", "all censored", "all at once", "tie, then nobody"],
)
def test_equals_lifelines_at_the_edges(survive: Survive, rows: Rows) -> None:
    assert_equal(survive("curves", rows), rows)


def test_greenwoods_standard_error(survive: Survive) -> None:
    """S times the root of the sum of d / (n (n - d)); 0.0764 at 6 weeks of Freireich's 6-MP."""
    rows = load("leukemia")
    found = [row for row in survive("curves", rows) if row["stratum"] == "0"]
    total = 0.0
    for row in sorted(found, key=lambda row: row["duration"]):
        total += row["events"] / row["at_risk"] / (row["at_risk"] - row["events"])
        expected = row["survival"] * total**0.5
        assert row["standard_error"] == pytest.approx(expected, rel=0, abs=1e-12)
    assert {row["duration"]: round(row["standard_error"], 4) for row in found}[6] == 0.0764


def test_greenwood_where_all_leave_at_once(survive: Survive) -> None:
    """The last of them would be divided by 0, and ln(0) is an error in PostgreSQL."""
    [row] = survive("curves", [("a", "a", 2, True)] * 3)
    told = [
        row[name] for name in ("survival", "standard_error", "survival_lower", "survival_upper")
    ]
    assert told == [0, 0, 0, 0]
    assert row["is_extinct"]


def test_bounds_before_the_first_event_are_one(survive: Survive) -> None:
    """Nothing has varied yet; the rule of three says what may still be: 3 in a month of each."""
    rows = [("a", "a", 1, False), ("a", "a", 4, False), ("a", "a", 4, True)]
    first = min(survive("curves", rows), key=lambda row: row["duration"])
    assert (first["survival_lower"], first["survival_upper"]) == (1, 1)
    assert first["rule_of_three_hazard"] == pytest.approx(1)


def test_weights_are_counts(survive: Survive) -> None:
    rows = load("waltons")
    counted = pd.Series(rows).value_counts()
    weighted = [(*row, count) for row, count in counted.items()]
    weighted.append(("nobody", "nobody", 1.0, True, 0))
    found = survive("curves_weighted", weighted)
    assert_equal(found, rows)


def test_one_curve_without_strata(survive: Survive) -> None:
    rows = [("all", *row[1:]) for row in load("leukemia")]
    found = [{**row, "stratum": "all"} for row in survive("curve", rows)]
    assert_equal(found, rows, 0.9)


def test_freireich_1963(survive: Survive) -> None:
    """Remission of leukemia in weeks, 21 patients each: 23 under 6-MP, 8 under placebo."""
    medians = {
        row["stratum"]: row["median_tenure_months"] for row in survive("summary", load("leukemia"))
    }
    assert medians == {"0": 23, "1": 8}


def test_rossi_1980(survive: Survive) -> None:
    """Of 432 released convicts 114 were arrested within 52 weeks."""
    found = survive("curves", [("all", *row[1:]) for row in load("rossi")])
    last = max(found, key=lambda row: row["duration"])
    assert (last["duration"], round(last["survival"], 4)) == (52, 0.7361)


@pytest.mark.parametrize("extract", ["synthetic_warehouse", "real_warehouse"])
def test_mart_equals_lifelines_by_plan(extract: str, request: pytest.FixtureRequest) -> None:
    with warehouse.connect(request.getfixturevalue(extract)) as connection:
        customers = warehouse.fetch(connection, CUSTOMERS)
        found = warehouse.fetch(
            connection,
            """
            select *, tenure_month as duration from marts.fct_survival_curves
            where stratum_level in ('all', 'plan')
            """,
        )
    rows: Rows = []
    for row in customers:
        seen = (row["gender"], row["tenure_months"], row["is_churned"])
        rows += [("all", *seen), (row["plan_key"], *seen)]
    assert len({row[0] for row in rows}) == 5
    assert_equal(found, rows)


def test_medians_of_the_real_extract(real_warehouse: dict[str, str]) -> None:
    with warehouse.connect(real_warehouse) as connection:
        found = warehouse.fetch(
            connection,
            """
            select stratum, median_tenure_months from marts.rpt_retention_summary
            where stratum_level in ('all', 'plan')
            """,
        )
    assert {row["stratum"]: row["median_tenure_months"] for row in found} == {
        "all": 45,
        "basic_postpaid": 26,
        "basic_prepaid": 11,
        "premium_postpaid": None,
        "premium_prepaid": None,
    }
