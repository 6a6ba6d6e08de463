"""Churn by tier inside plans: the test once more in numpy, and why not a log-rank test."""

import numpy as np
import pytest
from lifelines.statistics import multivariate_logrank_test
from numpy.typing import NDArray
from scipy.stats import chi2

from nexasat import warehouse

QUERY = """
    select plan_key, tenure_months, is_churned, value_tier
    from staging.stg_nexasat__customers
    inner join intermediate.int_customers_tiered using (customer_id, is_churned)
"""
Texts = NDArray[np.str_]


def _p_value(blocks: Texts, tiers: Texts, churned: NDArray[np.bool_]) -> float:
    """Mean and covariance of each tier's events when those of a block fall on it by chance."""
    names = np.unique(tiers)[:-1]
    excess, covariance = np.zeros(len(names)), np.zeros((len(names), len(names)))
    for block in np.unique(blocks):
        mine = blocks == block
        members = (tiers[mine][:, None] == names).astype(float)
        count, events = int(mine.sum()), int(churned[mine].sum())
        share = members.mean(axis=0)
        excess += members[churned[mine]].sum(axis=0) - events * share
        if count > 1:
            spread = events * (count - events) / (count - 1)
            covariance += spread * (np.diag(share) - np.outer(share, share))
    statistic = excess @ np.linalg.solve(covariance, excess)
    return float(chi2.sf(statistic, len(names)))


def test_tiers_of_equal_tenure_do_not_differ(real_warehouse: dict[str, str]) -> None:
    with warehouse.connect(real_warehouse) as connection:
        rows = warehouse.fetch(connection, QUERY)
        card = warehouse.fetch(connection, "select * from marts.rpt_model_scorecard")
    found = {
        row["subject"]: (float(row["check_value"]), row["meaning"])
        for row in card
        if row["check_name"] == "tier_p_value_at_equal_tenure"
    }
    plans = np.array([row["plan_key"] for row in rows])
    blocks = np.array([f"{row['plan_key']} {row['tenure_months']}" for row in rows])
    tiers = np.array([row["value_tier"] for row in rows])
    tenure = np.array([row["tenure_months"] for row in rows])
    churned = np.array([row["is_churned"] for row in rows])
    assert set(found) == {*plans, "within plans"}
    assert found["within plans"][0] == pytest.approx(_p_value(blocks, tiers, churned), abs=1e-6)
    for name in np.unique(plans):
        mine = plans == name
        expected = min(4 * _p_value(blocks[mine], tiers[mine], churned[mine]), 1)
        assert found[str(name)][0] == pytest.approx(expected, abs=1e-6)
        assert "no churn signal" in found[str(name)][1]
        # The tenure inside the tier makes a plain log-rank test sure of the contrary in two plans.
        plain = multivariate_logrank_test(tenure[mine], tiers[mine], churned[mine])
        assert (plain.p_value < 1e-8) == (name in ("basic_postpaid", "premium_prepaid"))
