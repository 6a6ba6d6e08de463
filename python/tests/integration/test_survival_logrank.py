"""Log-rank tests equal those of lifelines, of the literature and of exact fractions."""

from collections.abc import Callable
from typing import Any

import pytest
from lifelines import datasets
from lifelines.statistics import multivariate_logrank_test

from nexasat import warehouse

Rows = list[tuple[Any, ...]]
Survive = Callable[..., list[warehouse.Row]]

DATASETS = {  # name: columns of group, duration and event
    "waltons": ("group", "T", "E"),
    "rossi": ("fin", "week", "arrest"),
    "lung": ("ph.ecog", "time", "status"),
    "leukemia": ("Rx", "t", "status"),
    "larynx": ("Stage_IV", "time", "death"),
    "gbsg2": ("tgrade", "time", "cens"),
    "kidney_transplant": ("black_male", "time", "death"),
    "dd": ("regime", "duration", "observed"),
}


def load(name: str) -> Rows:
    """A data set of lifelines as rows of (stratum, group, duration, event)."""
    frame = getattr(datasets, f"load_{name}")().dropna(subset=list(DATASETS[name]))
    columns = zip(*(frame[column].tolist() for column in DATASETS[name]), strict=True)
    return [(name, str(g), float(t), bool(e)) for g, t, e in columns]


def assert_equal(found: list[warehouse.Row], rows: Rows) -> None:
    """The statistic, its degrees of freedom and its p-value equal those of lifelines."""
    _, groups, durations, events = zip(*rows, strict=True)
    expected = multivariate_logrank_test(durations, groups, events)
    assert {row["sample"] for row in found} == set(groups)
    for row in found:
        assert row["chi_square"] == pytest.approx(expected.test_statistic, rel=1e-9, abs=1e-9)
        assert row["p_value"] == pytest.approx(expected.p_value, rel=1e-9, abs=1e-12)
        assert row["degrees_of_freedom"] == len(set(groups)) - 1
    total = sum(row["expected_events"] for row in found)
    assert total == pytest.approx(sum(events), abs=1e-9)


@pytest.mark.parametrize("name", DATASETS)
def test_equals_lifelines_on_its_data_sets(survive: Survive, name: str) -> None:
    rows = load(name)
    assert_equal(survive("test", rows), rows)


def test_each_stratum_is_a_test_of_its_own(survive: Survive) -> None:
    names = ("waltons", "lung", "dd")
    found = survive("tests", [row for name in names for row in load(name)])
    for name in names:
        assert_equal([row for row in found if row["stratum"] == name], load(name))


@pytest.mark.parametrize(("name", "statistic"), [("leukemia", 16.79), ("waltons", 122.25)])
def test_published_statistics(survive: Survive, name: str, statistic: float) -> None:
    assert round(survive("test", load(name))[0]["chi_square"], 2) == statistic


def test_blocks_hold_a_column_constant(survive: Survive) -> None:
    """Two blocks that differ much, with equal groups inside: a difference only without blocks."""
    early = [("early", sample, time, True) for sample in "ab" for time in (1, 2, 3, 4)]
    late = [("late", sample, time, True) for sample in "ab" for time in (11, 12, 13, 14)]
    rows = [(*row, 9 if row[:2] in {("early", "a"), ("late", "b")} else 1) for row in early + late]
    [first, _] = survive("test_within_blocks", rows)
    assert first["chi_square"] == pytest.approx(0, abs=1e-20)
    assert first["p_value"] == pytest.approx(1)
    [first, _] = survive("test", [row[:4] for row in rows for _ in range(row[4])])
    assert first["p_value"] < 0.001


def test_blocks_are_summed(survive: Survive) -> None:
    """Excess and variance of all blocks, summed before the division."""
    rows: Rows = []
    excess = variance = 0.0
    for name in ("leukemia", "waltons"):
        loaded = [(*row[:1], "ab"[row[1] in ("1", "control")], *row[2:]) for row in load(name)]
        one = next(row for row in survive("test", loaded) if row["sample"] == "a")
        difference = one["events"] - one["expected_events"]
        excess += difference
        variance += difference**2 / one["chi_square"]
        rows += loaded
    found = survive("test_within_blocks", rows)
    assert found[0]["chi_square"] == pytest.approx(excess**2 / variance, rel=1e-9)
    assert found[0]["degrees_of_freedom"] == 1


@pytest.mark.parametrize(
    "rows",
    [
        [("s", "a", 1, True), ("s", "b", 1, True)],
        [("s", "a", 1, False), ("s", "b", 2, True)],
        [("s", "a", 1, False), ("s", "b", 2, False)],
        [("s", "a", 1, True), ("s", "a", 2, True)],
    ],
    ids=["all at once", "one at risk: variance 0", "nobody leaves", "one group"],
)
def test_no_comparison_has_no_p_value(survive: Survive, rows: Rows) -> None:
    for row in survive("test", rows):
        assert row["chi_square"] is row["p_value"] is row["degrees_of_freedom"] is None


def test_a_group_that_is_never_compared_gives_no_degree_of_freedom(survive: Survive) -> None:
    """The variance of the group that left before the first event is 0; the other two are tested."""
    pair = [("s", "b", 5, True), ("s", "b", 7, True), ("s", "c", 6, True), ("s", "c", 9, False)]
    [expected, _] = survive("test", pair)
    for absent in ("a", "d"):
        found = survive("test", [*pair, ("s", absent, 1, False)])
        for row in found:
            assert row["chi_square"] == pytest.approx(expected["chi_square"], rel=1e-9)
            assert row["degrees_of_freedom"] == 1


def test_four_plans_of_the_real_extract(real_warehouse: dict[str, str]) -> None:
    with warehouse.connect(real_warehouse) as connection:
        found = warehouse.fetch(
            connection, "select * from marts.rpt_logrank_tests order by dimension_name, scope"
        )
        customers = warehouse.fetch(
            connection, "select plan_key, tenure_months, is_churned from marts.dim_customers"
        )
    [together] = [row for row in found if row["group_a"] == "every plan"]
    assert round(together["chi_square"], 2) == 3610.12
    assert together["degrees_of_freedom"] == 3
    pairs = [row for row in found if row["dimension_name"] == "plan_key" and row["events_b"]]
    assert len(pairs) == 6
    for row in pairs:
        groups = (row["group_a"], row["group_b"])
        own = [tuple(each.values()) for each in customers if each["plan_key"] in groups]
        expected = multivariate_logrank_test(
            [each[1] for each in own], [each[0] for each in own], [each[2] for each in own]
        )
        assert row["chi_square"] == pytest.approx(expected.test_statistic, rel=1e-9)
        assert row["p_value"] == pytest.approx(expected.p_value, rel=1e-9, abs=1e-300)


def test_tech_support_does_not_lower_churn_inside_basic_plans(
    real_warehouse: dict[str, str],
) -> None:
    """Premium always has it, and stays longer: over all customers that looks like its merit."""
    with warehouse.connect(real_warehouse) as connection:
        found = warehouse.fetch(
            connection,
            """
            select scope, is_significant, finding from marts.rpt_logrank_tests
            where dimension_name = 'has_tech_support'
            """,
        )
    judged = {row["scope"]: row["is_significant"] for row in found}
    assert judged == {
        "all": True,
        "within plans": False,
        "basic_postpaid": False,
        "basic_prepaid": False,
    }
    findings = {row["scope"]: row["finding"] for row in found}
    assert findings["all"].endswith("not within plans: it is the plans that differ")
    assert findings["basic_prepaid"].startswith("no significant difference")
