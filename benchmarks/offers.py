"""Offers of a million customers: the models of the warehouse beside pandas.

    python benchmarks/offers.py [CUSTOMERS]

SQL makes the candidates and the next best offers again from what `nexasat build` left. The peer
does so from data frames in memory, as a notebook would: joins, prices, values, the best of each
customer. Both must choose the same number of offers and come to the same expected value.
"""

import sys
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from arena import built_arena, time_models
from nexasat import warehouse

MODELS = ("int_customers_offers_matched", "fct_offer_candidates", "fct_next_best_offers")
TARGET = 10.0  # seconds for candidates and next best offers of a million customers
FRAMES = {
    "matched": "select customer_id, offer_key from intermediate.int_customers_offers_matched",
    "customers": """
        select
            customer_id, plan_key, monthly_bill_amount::float8, call_duration::float8,
            data_usage::float8, has_tech_support, has_multiple_lines
        from marts.dim_customers
    """,
    "values": """
        select
            customer_id, expected_months_24m::float8, expected_months_3m::float8,
            expected_loss_12m::float8
        from marts.fct_customer_value
    """,
    "offers": """
        select
            offer_key, offer_kind, offer_rank, target_plan_key, add_on_key, discount_rate::float8,
            contact_cost::float8, acceptance_rate::float8, avoided_churn_share::float8
        from marts.dim_offers
    """,
    "plans": """
        select
            plan_key, base_price::float8, minute_rate::float8, gigabyte_rate::float8,
            tech_support_price::float8, extra_line_price::float8, bill_decimals
        from marts.dim_plans
    """,
    "withheld": "select customer_id from intermediate.int_customers_withheld",
}
CHOSEN = """
    select count(offer_key) as offers, sum(expected_value) as value
    from marts.fct_next_best_offers
"""


@dataclass(frozen=True)
class Frames:
    """What a notebook would hold in memory before it begins."""

    matched: pd.DataFrame
    customers: pd.DataFrame
    values: pd.DataFrame
    offers: pd.DataFrame
    plans: pd.DataFrame
    withheld: pd.DataFrame


def main() -> int:
    """Prints the seconds of each model, those of the peer and their ratio."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with built_arena("offers", customers) as (arena, connection):
        seconds = time_models(arena, connection, MODELS)
        ours = warehouse.fetch(connection, CHOSEN)[0]
        frames = Frames(
            **{
                name: pd.DataFrame(warehouse.fetch(connection, query))
                for name, query in FRAMES.items()
            }
        )
    start = time.perf_counter()
    best = by_pandas(frames)
    peer = time.perf_counter() - start
    whole = sum(seconds[model] for model in MODELS[1:])
    parts = ", ".join(f"{model} {value:.2f}" for model, value in seconds.items())
    print(f"customers {customers:,}: {parts}")
    print(
        f"candidates and next best {whole:.2f} s, pandas {peer:.2f} s, ratio {whole / peer:.2f};"
        f" to reach for a million {TARGET:.0f} s"
    )
    theirs = best["expected_value"].sum()
    print(
        f"offers: SQL {ours['offers']:,} worth {ours['value']:,.2f},"
        f" pandas {len(best):,} worth {theirs:,.2f}"
    )
    return int(len(best) != ours["offers"] or abs(theirs / float(ours["value"]) - 1) > 1e-6)


def by_pandas(frames: Frames) -> pd.DataFrame:
    """The best paid offer of every customer who may be called, ranked by expected value."""
    targets = frames.plans.add_prefix("target_")
    frame = (
        frames.matched.merge(frames.customers, on="customer_id")
        .merge(frames.offers, on="offer_key")
        .merge(frames.plans, on="plan_key")
        .merge(targets, on="target_plan_key", how="left")
        .merge(frames.values, on="customer_id")
    )
    usage = (
        frame["target_base_price"]
        + frame["target_minute_rate"] * frame["call_duration"]
        + frame["target_gigabyte_rate"] * frame["data_usage"]
    )
    card = np.where(frame["target_bill_decimals"] == 0, usage.round(0), usage.round(2))
    card += np.where(frame["has_tech_support"], frame["target_tech_support_price"], 0)
    card += np.where(frame["has_multiple_lines"], frame["target_extra_line_price"], 0)
    add_on = np.where(frame["add_on_key"] == "tech_support", frame["tech_support_price"], 0)
    add_on += np.where(frame["add_on_key"] == "extra_line", frame["extra_line_price"], 0)
    before = frame["monthly_bill_amount"]
    after = np.where(frame["target_plan_key"].notna(), card, before + add_on)
    delta = after - before
    discount = (frame["discount_rate"] * after * frame["expected_months_3m"]).round(2)
    gained = delta * frame["expected_months_24m"] - discount
    kept = frame["avoided_churn_share"] * frame["expected_loss_12m"]
    expected = frame["acceptance_rate"] * (gained + kept) - frame["contact_cost"]
    frame = frame.assign(expected_value=expected.round(2), monthly_delta=delta)
    allowed = (delta >= 0) | (frame["offer_kind"] == "retention")
    best = (
        frame[allowed & (frame["expected_value"] > 0)]
        .sort_values(["customer_id", "expected_value", "offer_rank"], ascending=[True, False, True])
        .drop_duplicates("customer_id")
    )
    called = best[~best["customer_id"].isin(frames.withheld["customer_id"])]
    return called.sort_values(["expected_value", "customer_id"], ascending=[False, True])


if __name__ == "__main__":
    sys.exit(main())
