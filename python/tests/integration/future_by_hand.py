"""Hazards and residual values once more in numpy, from the definitions and not from the SQL.

Definitions: DECISIONS.md D-015 and D-016. Arrays of hazards have one element a month, the first for
month 1 of the tenure. Every number is written out here, never read from the configuration.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
LOCK_IN = {"premium_postpaid": 12, "premium_prepaid": 24}  # months, of the price card
MINIMUM, SHRINKAGE, PLAN_SHRINKAGE, TAIL_SHRINKAGE = 30, 30.0, 0.5, 500.0
ANNUAL_RATE = 0.10


def usage_band(gigabytes: Floats) -> Integers:
    """0 up to 10 GB, 1 up to 20 GB, 2 above; shape (customers,)."""
    return (gigabytes > 10).astype(np.int64) + (gigabytes > 20)


def exposures(
    tenure: Integers, churned: NDArray[np.bool_], months: int, weight: Floats | None = None
) -> tuple[Floats, Floats]:
    """Customers at risk and events of months 1..months, each of shape (months,)."""
    weight = np.ones(len(tenure)) if weight is None else weight
    number = np.arange(1, months + 1)
    at_risk = np.array([weight[tenure >= month].sum() for month in number])
    events = np.array([weight[churned & (tenure == month)].sum() for month in number])
    return at_risk, events


@dataclass(frozen=True)
class Estimate:
    """Hazard of each month before any contract, its constant tail and the last observed month."""

    hazard: Floats
    tail: float
    last_observed: int


def estimate(
    at_risk: Floats, events: Floats, parent: Estimate | None, *, is_plan: bool = False
) -> Estimate:
    """Everybody without a parent, a plan with `is_plan`, else a usage band of a plan."""
    enough = np.nonzero(at_risk >= MINIMUM)[0]
    last = int(enough[-1]) + 1 if len(enough) else 0
    seen = slice(None) if parent is None or is_plan else slice(0, last)
    all_months, all_events = at_risk[seen].sum(), events[seen].sum()
    if parent is None:
        observed = (events + 0.5) / (at_risk + 1)
        tail = all_events / all_months if all_months else 0.5
    else:
        weight = PLAN_SHRINKAGE if is_plan else SHRINKAGE
        observed = (events + weight * parent.hazard) / (at_risk + weight)
        tail = (all_events + TAIL_SHRINKAGE * parent.tail) / (all_months + TAIL_SHRINKAGE)
    beyond = np.arange(1, len(at_risk) + 1) > last
    return Estimate(np.where(beyond, tail, observed), float(tail), last)


def months_ahead(hazard: Floats, tenure: int, horizon: int, annual_rate: float) -> Floats:
    """Discounted probability to be there in each of the next months, shape (horizon,)."""
    survival = np.cumprod(1 - hazard[tenure : tenure + horizon])
    month_rate = (1 + annual_rate) ** (1 / 12) - 1
    return np.asarray(survival / (1 + month_rate) ** np.arange(1, horizon + 1))


@dataclass(frozen=True)
class Customers:
    """Columns of an extract, each of shape (customers,); without weights each counts once."""

    plan: NDArray[np.str_]
    gigabytes: Floats
    tenure: Integers
    bill: Floats
    churned: NDArray[np.bool_]
    weight: Floats | None = None

    @property
    def months(self) -> int:
        """As far as any customer's future is needed."""
        return int(self.tenure.max()) + 36


def hazards(customers: Customers) -> dict[tuple[str, int], tuple[Floats, int]]:
    """Hazard (contract applied) and last observed month of each plan and usage band."""
    tenure, churned, months = customers.tenure, customers.churned, customers.months
    weight = np.ones(len(tenure)) if customers.weight is None else customers.weight
    root = estimate(*exposures(tenure, churned, months, weight), None)
    number = np.arange(1, months + 1)
    found: dict[tuple[str, int], tuple[Floats, int]] = {}
    for name in np.unique(customers.plan):
        mine = customers.plan == name
        counted = exposures(tenure[mine], churned[mine], months, weight[mine])
        plan = estimate(*counted, root, is_plan=True)
        for band in range(3):
            some = mine & (usage_band(customers.gigabytes) == band)
            counted = exposures(tenure[some], churned[some], months, weight[some])
            leaf = estimate(*counted, plan)
            free = number >= LOCK_IN.get(str(name), 0)
            found[str(name), band] = np.where(free, leaf.hazard, 0.0), leaf.last_observed
    return found


def futures(customers: Customers) -> dict[str, Floats]:
    """The forward-looking columns of `fct_customer_value`; of churned ones 0, else nan."""
    by_stratum = hazards(customers)
    names = [f"residual_clv_{horizon}m" for horizon in (12, 24, 36)]
    names += ["churn_probability_3m", "churn_probability_12m"]
    names += ["expected_months_24m", "extrapolated_share"]
    found = {name: np.full(len(customers.plan), np.nan) for name in names}
    bands = usage_band(customers.gigabytes)
    for index, is_churned in enumerate(customers.churned):
        tenure, bill = int(customers.tenure[index]), customers.bill[index]
        hazard, last = by_stratum[str(customers.plan[index]), int(bands[index])]
        ahead = months_ahead(hazard, tenure, 36, ANNUAL_RATE)
        for horizon in (12, 24, 36):
            value = 0.0 if is_churned else bill * ahead[:horizon].sum()
            found[f"residual_clv_{horizon}m"][index] = value
        found["expected_months_24m"][index] = 0.0 if is_churned else ahead[:24].sum()
        if not is_churned:
            for horizon in (3, 12):
                staying = np.prod(1 - hazard[tenure : tenure + horizon])
                found[f"churn_probability_{horizon}m"][index] = 1 - staying
            beyond = np.arange(tenure + 1, tenure + 25) > last
            total = ahead[:24].sum()
            found["extrapolated_share"][index] = ahead[:24][beyond].sum() / total if total else 0
    return found
