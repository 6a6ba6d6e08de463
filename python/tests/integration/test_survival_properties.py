"""What holds for any customers: curves, medians and tests equal exact fractions and lifelines.

The reference counts in fractions, so it has no rounding: lifelines' median has, see `exact_median`.
"""

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import lifelines
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scipy import stats

from nexasat import warehouse

Rows = list[tuple[Any, ...]]
Survive = Callable[..., list[warehouse.Row]]
Step = tuple[int, int, int, Fraction, Fraction]

CUSTOMER = st.tuples(
    st.sampled_from("st"), st.sampled_from("abc"), st.integers(0, 6), st.booleans()
)
CUSTOMERS = st.lists(CUSTOMER, min_size=1, max_size=40)
MANY = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
# 6 of 7 and 7 of 12 stay: exactly a half, which the product of the two rounded fractions exceeds
HALF = [
    *[("s", "a", 1, True)] * 2,
    *[("s", "a", 2, True)] * 5,
    *[("s", "a", 3, False)] * 7,
]


def exact_curve(rows: Rows) -> list[Step]:
    """(duration, at risk, events, survival, cumulative hazard) of one stratum, in order."""
    survival, hazard, steps = Fraction(1), Fraction(0), []
    for time in sorted({row[2] for row in rows}):
        at_risk = sum(row[2] >= time for row in rows)
        events = sum(row[2] == time and row[3] for row in rows)
        survival *= 1 - Fraction(events, at_risk)
        hazard += Fraction(events, at_risk)
        steps.append((time, at_risk, events, survival, hazard))
    return steps


def exact_median(steps: list[Step]) -> int | None:
    """The first time by which half are gone.

    lifelines compares a rounded survival with 0.5 and, where rounding has lifted a half above it,
    gives the next time instead; hence no comparison with it.
    """
    return next((step[0] for step in steps if step[3] <= Fraction(1, 2)), None)


def exact_chi_square(rows: Rows) -> Fraction | None:
    """The log-rank statistic of the groups a and b; None where its variance is 0."""
    excess, variance = Fraction(0), Fraction(0)
    for time in {row[2] for row in rows if row[3]}:
        n, n_a = (
            sum(row[2] >= time and row[1] in groups for row in rows) for groups in ("ab", "a")
        )
        d, d_a = (
            sum(row[2] == time and row[3] and row[1] in groups for row in rows)
            for groups in ("ab", "a")
        )
        excess += d_a - Fraction(d * n_a, n)
        if n > 1:
            variance += Fraction(d * n_a * (n - n_a) * (n - d), n * n * (n - 1))
    return excess**2 / variance if variance else None


def by_stratum(rows: Rows) -> dict[str, Rows]:
    """The rows of each stratum."""
    found: dict[str, Rows] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def assert_exact(found: list[warehouse.Row], rows: Rows) -> None:
    """The curves of all strata equal the exact ones."""
    strata = by_stratum(rows)
    exact = [
        (stratum, *step) for stratum in sorted(strata) for step in exact_curve(strata[stratum])
    ]
    found = sorted(found, key=lambda row: (row["stratum"], row["duration"]))
    columns = ("stratum", "duration", "at_risk", "events")
    assert [tuple(row[column] for column in columns) for row in found] == [
        step[:4] for step in exact
    ]
    for place, column in ((4, "survival"), (5, "cumulative_hazard")):
        values = [float(step[place]) for step in exact]
        assert [row[column] for row in found] == pytest.approx(values, rel=0, abs=1e-12)


@MANY
@given(rows=CUSTOMERS)
@example(rows=[("s", "a", 3, True)])
@example(rows=[("s", "a", 3, False)] * 2)
@example(rows=HALF)
def test_curves_are_exact(survive: Survive, rows: Rows) -> None:
    found = survive("curves", rows)
    assert_exact(found, rows)
    for row in found:
        assert 0 <= row["survival_lower"] <= row["survival"] <= row["survival_upper"] <= 1
        assert row["is_extinct"] == (row["at_risk"] == row["events"]) == (row["survival"] == 0)
        before = [
            other
            for other in found
            if other["stratum"] == row["stratum"] and other["duration"] <= row["duration"]
        ]
        waiting = not any(other["events"] for other in before)
        months = sum(min(each[2], row["duration"]) for each in by_stratum(rows)[row["stratum"]])
        expected = 3 / months if waiting and months else None
        assert row["rule_of_three_hazard"] == (expected and pytest.approx(expected))
        if waiting:
            assert row["survival_lower"] == row["survival_upper"] == 1
        if row["is_extinct"]:
            assert row["survival_lower"] == row["survival_upper"] == row["standard_error"] == 0


@MANY
@given(rows=CUSTOMERS, confidence=st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_bounds_equal_lifelines(survive: Survive, rows: Rows, confidence: float) -> None:
    found = survive("curves", rows, confidence)
    for stratum, own in by_stratum(rows).items():
        kaplan = lifelines.KaplanMeierFitter(alpha=1 - confidence)
        kaplan.fit([row[2] for row in own], [row[3] for row in own])
        for row in (row for row in found if row["stratum"] == stratum):
            bounds = kaplan.confidence_interval_.loc[row["duration"]].tolist()
            told = [row["survival_lower"], row["survival_upper"]]
            assert told == pytest.approx(bounds, rel=0, abs=1e-9)


@MANY
@given(rows=CUSTOMERS)
@example(rows=HALF)
def test_medians_are_exact(survive: Survive, rows: Rows) -> None:
    found = {row["stratum"]: row["median_tenure_months"] for row in survive("summary", rows)}
    strata = by_stratum(rows)
    assert found == {stratum: exact_median(exact_curve(own)) for stratum, own in strata.items()}


def test_a_median_without_tolerance_is_wrong() -> None:
    """Why there is one: lifelines misses a half that is one."""
    assert exact_median(exact_curve(HALF)) == 2
    durations, events = [row[2] for row in HALF], [row[3] for row in HALF]
    assert lifelines.KaplanMeierFitter().fit(durations, events).median_survival_time_ != 2


@MANY
@given(rows=CUSTOMERS)
def test_restricted_means_are_exact(survive: Survive, rows: Rows) -> None:
    later = [(*row[:2], row[2] * 4, row[3]) for row in rows]  # so that they pass month 12
    for row in survive("summary", later):
        steps = exact_curve(by_stratum(later)[row["stratum"]])
        months = [step[0] for step in steps]
        alive = [next((s[3] for s in steps[::-1] if s[0] <= t), Fraction(1)) for t in range(12)]
        seen = months[-1] >= 12 or steps[-1][3] == 0
        assert row["restricted_mean_12m"] == (pytest.approx(float(sum(alive))) if seen else None)


@MANY
@given(rows=CUSTOMERS)
def test_tests_of_two_groups_are_exact(survive: Survive, rows: Rows) -> None:
    pairs = [row for row in rows if row[1] in "ab"]
    found = survive("tests", pairs)
    for stratum, own in by_stratum(pairs).items():
        exact = exact_chi_square(own)
        for row in (row for row in found if row["stratum"] == stratum):
            if exact is None:
                assert row["chi_square"] is row["p_value"] is row["degrees_of_freedom"] is None
            else:
                assert row["chi_square"] == pytest.approx(float(exact), rel=1e-9, abs=1e-9)
                tail = stats.chi2.sf(float(exact), 1)
                assert row["p_value"] == pytest.approx(tail, rel=0, abs=1e-9)
                assert row["degrees_of_freedom"] == 1


@MANY
@given(rows=CUSTOMERS)
def test_order_of_groups_does_not_matter(survive: Survive, rows: Rows) -> None:
    one = [("s", *row[1:]) for row in rows]
    other = [("s", {"a": "c", "b": "a", "c": "b"}[row[1]], *row[2:]) for row in rows]
    first, second = (survive("test", each)[0] for each in (one, other))
    assert first["degrees_of_freedom"] == second["degrees_of_freedom"]
    assert first["chi_square"] == (
        None if second["chi_square"] is None else pytest.approx(second["chi_square"], abs=1e-9)
    )


def test_thousands_of_strata(survive: Survive) -> None:
    dice = random.Random(42)
    rows = [
        (f"s{dice.randrange(3000)}", "a", dice.randrange(60), dice.random() < 0.4)
        for _ in range(30_000)
    ]
    assert_exact(survive("curves", rows), rows)
