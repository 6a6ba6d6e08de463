"""Residual values of every customer against numpy, the anchor of the real extract, odd extracts."""

import csv
import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nexasat import warehouse
from nexasat.generate_recipe import COLUMNS
from nexasat.settings import Settings

from .future_by_hand import Customers, Floats, exposures, futures

# dbt would run the tests that also read relations which are not built here.
NO_TESTS_OF_OTHERS = ("--exclude-resource-type", "unit_test", "--indirect-selection", "buildable")
COLUMN_NAMES = (
    "residual_clv_12m",
    "residual_clv_24m",
    "residual_clv_36m",
    "churn_probability_3m",
    "churn_probability_12m",
    "expected_months_24m",
    "extrapolated_share",
)
QUERY = """
    select * from marts.dim_customers
    inner join marts.fct_customer_value
        using (customer_id, is_churned, monthly_bill_amount, tenure_months)
    order by customer_id
"""


def _read(parameters: dict[str, str]) -> tuple[Customers, dict[str, Floats]]:
    """The customers of a warehouse and their forward-looking columns; null is nan."""
    with warehouse.connect(parameters) as connection:
        rows = warehouse.fetch(connection, QUERY)
    customers = Customers(
        plan=np.array([row["plan_key"] for row in rows]),
        gigabytes=np.array([float(row["data_usage"]) for row in rows]),
        tenure=np.array([row["tenure_months"] for row in rows]),
        bill=np.array([float(row["monthly_bill_amount"]) for row in rows]),
        churned=np.array([row["is_churned"] for row in rows]),
    )
    found = {
        name: np.array([np.nan if row[name] is None else float(row[name]) for row in rows])
        for name in COLUMN_NAMES
    }
    return customers, found


def _compare(parameters: dict[str, str]) -> None:
    customers, found = _read(parameters)
    expected = futures(customers)
    assert set(expected) == set(found)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-9, atol=1e-11, err_msg=name)


def test_every_customer_of_the_real_extract(real_warehouse: dict[str, str]) -> None:
    _compare(real_warehouse)


def test_every_customer_of_the_bundled_extract(synthetic_warehouse: dict[str, str]) -> None:
    _compare(synthetic_warehouse)


def test_anchor_of_the_real_extract(real_warehouse: dict[str, str]) -> None:
    customers, found = _read(real_warehouse)
    values = found["residual_clv_24m"]
    active = ~customers.churned
    assert active.sum() == 4272
    assert values.sum() == pytest.approx(12_723_429, abs=1)
    share = np.nansum(values * found["extrapolated_share"]) / values.sum()
    assert share == pytest.approx(0.2587, abs=5e-5)
    historical = customers.bill * customers.tenure
    agreement = np.corrcoef(_ranks(values[active]), _ranks(historical[active]))
    assert agreement[0, 1] == pytest.approx(0.63, abs=0.005)


def _ranks(values: Floats) -> Floats:
    """Mean rank of each value among all, ties share theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[inverse]


ODD = {  # plan level, plan type, gigabytes, tenure, churn of each customer
    "no events": [("Basic", "Prepaid", 5, 3, 0), ("Premium", "Postpaid", 15, 0, 0)],
    "all churned": [("Basic", "Prepaid", 5, 1, 1), ("Premium", "Postpaid", 5, 1, 1)],
    "certain to leave": [("Basic", "Prepaid", 5, 1, 1), ("Basic", "Postpaid", 5, 0, 0)],
    "one stratum, an exp that would underflow": [
        *[("Basic", "Prepaid", 5, 1, 1)] * 3000,
        ("Basic", "Prepaid", 5, 1200, 0),
    ],
}


@pytest.mark.parametrize("name", ODD)
def test_odd_extracts(
    name: str,
    dbt_settings: Callable[[str], Settings],
    nexasat: Callable[..., subprocess.CompletedProcess[str]],
    build_part: Callable[..., None],
    tmp_path: Path,
) -> None:
    path = tmp_path / "odd.csv"
    rest = {"gender": "Male", "partner": "No", "dependents": "No", "senior_citizen": 0}
    rest |= {"call_duration": 9, "monthly_bill_amount": 80, "multiple_lines": "No"}
    rest |= {"tech_support": "No"}
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for number, (level, kind, gigabytes, tenure, churn) in enumerate(ODD[name]):
            row = {"plan_level": level, "plan_type": kind, "data_usage": gigabytes}
            row |= {"tenure_months": tenure, "churn": churn, "customer_id": number}
            writer.writerow({**rest, **row})
    settings = dbt_settings("odd")
    loaded = nexasat(settings, "load", path, "--extract-date", "2023-07-31")
    assert loaded.returncode == 0, loaded.stderr
    relations = ("+rpt_residual_value_intervals", "+fct_customer_value", "+fct_churn_hazards")
    build_part(settings, "build", "--select", *relations, *NO_TESTS_OF_OTHERS)
    libpq = ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE")
    _compare({name: settings.environment[name] for name in libpq})


def _fold_likelihood(customers: Customers, folds: NDArray[np.str_]) -> float:
    """Log-likelihood of each fold's months by the plan hazards of the others, leaning on all."""
    total = 0.0
    months = int(customers.tenure.max())
    for fold in np.unique(folds):
        own = folds == fold
        at_risk, events = exposures(customers.tenure[~own], customers.churned[~own], months)
        pooled = (events + 0.5) / (at_risk + 1)
        for name in np.unique(customers.plan):
            mine = customers.plan == name
            known = mine & ~own
            at_risk, events = exposures(customers.tenure[known], customers.churned[known], months)
            hazard = (events + 0.5 * pooled) / (at_risk + 0.5)
            some = mine & own
            at_risk, events = exposures(customers.tenure[some], customers.churned[some], months)
            total += float(
                np.sum(events * np.log(hazard) + (at_risk - events) * np.log(1 - hazard))
            )
    return total


def test_cross_validation_by_plan(real_warehouse: dict[str, str]) -> None:
    customers, _ = _read(real_warehouse)
    with warehouse.connect(real_warehouse) as connection:
        ids = [row["customer_id"] for row in warehouse.fetch(connection, QUERY)]
        card = warehouse.fetch(connection, "select * from marts.rpt_model_scorecard")
    found = {(row["check_name"], row["subject"]): row for row in card}
    hashes = [hashlib.md5(name.encode(), usedforsecurity=False) for name in ids]
    folds = np.array([value.hexdigest()[0] for value in hashes])
    by_plan = found["cross_validated_log_likelihood", "plan"]["check_value"]
    expected = _fold_likelihood(customers, folds)
    assert float(by_plan) == pytest.approx(expected, abs=1e-5)
    assert "no churn signal" in found["log_likelihood_gained_inside_plans", "tier"]["meaning"]
    rank = found["rank_agreement_of_residual_clv", "historical_clv"]["check_value"]
    assert float(rank) == pytest.approx(0.63, abs=0.005)
