"""The history of extracts computed from their files, in exact numbers (D-001, D-002, D-044)."""

import csv
from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

CENT = Decimal("0.01")
WEIGHTS = {
    "bill": ("0.4", ["monthly_bill_amount"]),
    "tenure": ("0.3", ["tenure_months"]),
    "usage": ("0.1", ["call_duration", "data_usage"]),
    "plan": ("0.1", ["is_premium"]),
}
TIERS = ("High Value", "Moderate Value", "Low Value", "Churn Risk")
Customer = dict[str, Decimal]
Migration = tuple[str, str | None, str | None, str]


@dataclass(frozen=True)
class Extract:
    """One file: everybody's plan and the active customers' numbers, cut-offs and key figures."""

    plans: dict[str, str]
    active: dict[str, Customer]
    cut_offs: list[Decimal]
    figures: tuple[int, int, Decimal, Decimal]  # customers, active, revenue, historical CLV


def read(path: Path) -> Extract:
    """Reads a file that `nexasat generate` made."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    active = {
        row["customer_id"]: {
            **{
                name: Decimal(row[name])
                for _, names in WEIGHTS.values()
                for name in names[:2]
                if name != "is_premium"
            },
            "is_premium": Decimal(row["plan_level"] == "Premium"),
        }
        for row in rows
        if row["churn"] == "0"
    }
    bills = [customer["monthly_bill_amount"] for customer in active.values()]
    past = [c["monthly_bill_amount"] * c["tenure_months"] for c in active.values()]
    scores = sorted(score(customer) for customer in active.values())
    return Extract(
        plans={row["customer_id"]: row["plan_type"] + row["plan_level"] for row in rows},
        active=active,
        cut_offs=[percentile(scores, Decimal(share)) for share in ("0.85", "0.5", "0.25")],
        figures=(len(rows), len(active), sum(bills, Decimal()), sum(past, Decimal())),
    )


def term(name: str, customer: Customer) -> Decimal:
    """What bill, tenure, usage or plan gives to the score."""
    weight, columns = WEIGHTS[name]
    return Decimal(weight) * sum(customer[column] for column in columns)


def score(customer: Customer) -> Decimal:
    """The CLV score, half a cent away from zero."""
    return sum((term(n, customer) for n in WEIGHTS), Decimal()).quantize(CENT, ROUND_HALF_UP)


def percentile(ordered: list[Decimal], share: Decimal) -> Decimal:
    """Between two scores by its place, as percentile_cont does."""
    place = share * (len(ordered) - 1)
    lower = ordered[int(place)]
    upper = ordered[min(int(place) + 1, len(ordered) - 1)]
    return lower + (upper - lower) * (place - int(place))


def rank(customer: Customer, cut_offs: list[Decimal]) -> int:
    """0 for the best tier to 3; a score at p85 is not above it, one at p50 or p25 reaches it."""
    points = score(customer)
    high, middle, low = cut_offs
    return 0 if points > high else 1 if points >= middle else 2 if points >= low else 3


def migrations(before: Extract, after: Extract) -> dict[str, Migration]:
    """By customer: tiers before and after, and why."""
    found = {}
    for name in before.active.keys() | after.active.keys():
        then, now = before.active.get(name), after.active.get(name)
        left = rank(then, before.cut_offs) if then else None
        right = rank(now, after.cut_offs) if now else None
        if left == right:
            continue
        reason = "entered" if not then else "left"
        if then and now and left is not None and right is not None:
            up = left - right
            own = left - rank(now, before.cut_offs)
            pushes = {n: (term(n, now) - term(n, then)) * up for n in ("bill", "tenure", "usage")}
            reason = max(pushes, key=lambda n: pushes[n])  # of equal ones the first
            if before.plans[name] != after.plans[name]:
                reason = "plan"
            if own * up <= 0:
                reason = "cut_offs"
        from_tier, to_tier = (None if r is None else TIERS[r] for r in (left, right))
        found[name] = (name, from_tier, to_tier, reason)
    return found


def reasons(found: dict[str, Migration]) -> Counter[str]:
    """How many customers moved for each reason."""
    return Counter(reason for *_, reason in found.values())
