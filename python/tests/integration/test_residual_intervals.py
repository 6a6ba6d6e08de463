"""Sampling intervals of residual value: against customers drawn anew, and sum by sum in numpy."""

import re
import subprocess
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from nexasat import warehouse
from nexasat.settings import Settings

from .future_by_hand import ANNUAL_RATE, Customers, Floats, hazards, months_ahead, usage_band

BANDS = {"up to 10 GB": 5.0, "10-20 GB": 15.0, "over 20 GB": 25.0}  # and a usage inside each
CUSTOMERS = """
    select plan_key, data_usage, tenure_months, monthly_bill_amount, is_churned
    from marts.dim_customers order by customer_id
"""
DRAWN = "select * from intermediate.int_samples_drawn order by 1, 2, 3, 4, 5"
INTERVALS = "select * from marts.rpt_residual_value_intervals"
SAMPLES = 300
Totals = dict[str, tuple[float, float]]


def _customers(rows: list[warehouse.Row]) -> Customers:
    return Customers(
        plan=np.array([row["plan_key"] for row in rows]),
        gigabytes=np.array([float(row["data_usage"]) for row in rows]),
        tenure=np.array([row["tenure_months"] for row in rows]),
        bill=np.array([float(row["monthly_bill_amount"]) for row in rows]),
        churned=np.array([row["is_churned"] for row in rows]),
    )


def _months_expected(seen: Customers, customers: Customers) -> Floats:
    """Discounted months of 24 of each of the customers, by the hazards of those seen."""
    table = {
        key: np.array(
            [
                months_ahead(hazard, tenure, 24, ANNUAL_RATE).sum()
                for tenure in range(customers.tenure.max() + 1)
            ]
        )
        for key, (hazard, _) in hazards(seen).items()
    }
    bands = usage_band(customers.gigabytes)
    keys = zip(customers.plan, bands, customers.tenure, strict=True)
    return np.array([table[str(plan), int(band)][tenure] for plan, band, tenure in keys])


def _by_plan(customers: Customers, values: Floats, weights: Floats) -> Totals:
    """Sum of the values of active customers and its mean, of each plan and of all."""
    found: Totals = {}
    for plan in ["All", *np.unique(customers.plan)]:
        chosen = ~customers.churned & ((customers.plan == plan) | (plan == "All"))
        total = float((values * weights)[chosen].sum())
        found[str(plan)] = total, total / float(weights[chosen].sum())
    return found


def _resampled(customers: Customers, drawn: NDArray[np.int64]) -> Customers:
    return Customers(
        plan=customers.plan[drawn],
        gigabytes=customers.gigabytes[drawn],
        tenure=customers.tenure[drawn],
        bill=customers.bill[drawn],
        churned=customers.churned[drawn],
    )


def test_errors_are_those_of_drawing_customers_anew(real_warehouse: dict[str, str]) -> None:
    with warehouse.connect(real_warehouse) as connection:
        customers = _customers(warehouse.fetch(connection, CUSTOMERS))
        intervals = warehouse.fetch(connection, INTERVALS)
    random = np.random.default_rng(2023)
    number = len(customers.plan)
    found: dict[tuple[str, str], list[float]] = {}
    for _ in range(SAMPLES):
        drawn = random.integers(0, number, number)
        values = customers.bill * _months_expected(_resampled(customers, drawn), customers)
        weights = np.bincount(drawn, minlength=number).astype(float)
        for plan, (total, _) in _by_plan(customers, values, np.ones(number)).items():
            found.setdefault((plan, "total"), []).append(total)
        for plan, (_, mean) in _by_plan(customers, values, weights).items():
            found.setdefault((plan, "mean"), []).append(mean)
    errors = {key: float(np.std(values, ddof=1)) for key, values in found.items()}
    told = {(row["plan_key"], row["measure"]): float(row["sampling_error"]) for row in intervals}
    assert len(told) == 10
    ratios = {key: told[key] / error for key, error in errors.items()}
    # 100 samples know a standard error within 7 %, 300 within 4 %: three times both is 25 %
    assert ratios == {key: pytest.approx(1, abs=0.25) for key in told}


def test_each_sample_sum_by_sum(real_warehouse: dict[str, str]) -> None:
    with warehouse.connect(real_warehouse) as connection:
        cells = warehouse.fetch(connection, DRAWN)
        sampled = warehouse.fetch(connection, "select * from intermediate.int_samples_valued")
    rows = {(row["sample_number"], row["plan_key"]): row for row in sampled}
    assert len(rows) == 101 * 5
    for sample in (0, 1, 50, 100):
        mine = [row for row in cells if row["sample_number"] == sample]
        weights = np.array([row["drawn_customers"] for row in mine])
        customers = Customers(
            plan=np.array([row["plan_key"] for row in mine]),
            gigabytes=np.array([BANDS[row["usage_band"]] for row in mine]),
            tenure=np.array([row["tenure_months"] for row in mine]),
            bill=np.array([float(row["bill_total"]) for row in mine]),
            churned=np.array([row["is_churned"] for row in mine]),
            weight=weights,
        )
        months = _months_expected(customers, customers)
        drawn_bills = np.array([row["drawn_bill_total"] for row in mine])
        ones = np.ones(len(mine))
        totals = _by_plan(customers, customers.bill * months, ones)
        drawn = _by_plan(customers, drawn_bills * months, ones)
        people = _by_plan(customers, weights, ones)
        for plan, (total, _) in totals.items():
            row = rows[sample, plan]
            assert float(row["residual_clv_24m"]) == pytest.approx(total, rel=1e-9)
            assert float(row["drawn_residual_clv_24m"]) == pytest.approx(drawn[plan][0], rel=1e-9)
            assert float(row["drawn_customers"]) == pytest.approx(people[plan][0], rel=1e-9)


def test_values_are_the_published_ones(real_warehouse: dict[str, str]) -> None:
    with warehouse.connect(real_warehouse) as connection:
        rows = {
            (row["plan_key"], row["measure"]): row for row in warehouse.fetch(connection, INTERVALS)
        }
    assert float(rows["All", "total"]["published_value"]) == 12_723_429.03
    assert float(rows["All", "mean"]["published_value"]) == round(12_723_429.03 / 4272, 2)
    assert all(row["published_value"] == row["extract_value"] for row in rows.values())
    assert rows["All", "total"]["meaning"].endswith("judge by the tail rules")


def test_weights_vary_like_counts_and_bills_like_bills(real_warehouse: dict[str, str]) -> None:
    query = """
        select
            drawn.drawn_customers, drawn.drawn_bill_total, cells.customers,
            cells.bill_total, cells.bill_variance
        from intermediate.int_samples_drawn as drawn
        inner join intermediate.int_tenures_counted as cells
            using (plan_key, usage_band, tenure_months, is_churned)
        where drawn.sample_number > 0
    """
    with warehouse.connect(real_warehouse) as connection:
        rows = warehouse.fetch(connection, query)
    names = ("drawn_customers", "drawn_bill_total", "customers", "bill_total", "bill_variance")
    weights, bills, customers, bill_totals, variances = (
        np.array([float(row[name]) for row in rows]) for name in names
    )
    assert weights.min() >= 0
    standardised = (weights - customers) / np.sqrt(customers)
    for few, many in ((1, 1), (2, 5), (6, 20), (21, 1000)):
        some = standardised[(customers >= few) & (customers <= many)]
        assert some.mean() == pytest.approx(0, abs=5 / np.sqrt(len(some)))
        assert some.var() == pytest.approx(1, abs=0.05)
    spread = (variances > 0) & (weights > 0)
    deviations = (bills - weights * bill_totals / customers)[spread]
    deviations /= (weights * np.sqrt(variances / (customers + 1)))[spread]
    assert deviations.mean() == pytest.approx(0, abs=5 / np.sqrt(len(deviations)))
    assert deviations.var() == pytest.approx(1, abs=0.05)


def test_the_seed_decides(
    real_warehouse: dict[str, str],
    dbt_settings: Callable[[str], Settings],
    nexasat: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    model = ("--select", "int_samples_drawn")
    done = nexasat(dbt_settings("seeds"), "dbt", "--quiet", "compile", *model)
    assert done.returncode == 0, done.stdout + done.stderr
    query = re.sub(r'"seeds"\."(?=intermediate)', '"', done.stdout)
    query, replaced = re.subn(r'"seeds"\."\w+"\."stg_config__parameters"', "seeded", query)
    assert replaced == 1
    drawn = []
    with warehouse.connect(real_warehouse) as connection:
        for seed in (42, 42, 43):
            warehouse.execute(connection, "drop table if exists seeded")
            warehouse.execute(
                connection,
                "create temporary table seeded as"
                " select 2 as bootstrap_samples, %s::integer as bootstrap_seed",
                [seed],
            )
            rows = warehouse.fetch(
                connection, f"select * from ({query}) as q order by 1, 2, 3, 4, 5"
            )
            drawn.append([(row["sample_number"], row["drawn_bill_total"]) for row in rows])
        stored = warehouse.fetch(connection, DRAWN)
    again, once, other = drawn
    assert once == again
    assert once == [
        (row["sample_number"], pytest.approx(row["drawn_bill_total"], rel=1e-12))
        for row in stored
        if row["sample_number"] <= 2
    ]
    same = [mine == theirs for mine, theirs in zip(once, other, strict=True)]
    assert same == [sample == 0 for sample, _ in once]
