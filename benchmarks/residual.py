"""Residual value of a million customers: the models of the warehouse beside pandas and lifelines.

python benchmarks/residual.py [CUSTOMERS]

SQL starts from the customers that `nexasat build` left and makes the counted tenures, the hazards,
the grid of futures and the whole of fct_customer_value again. The peer starts from a data frame in
memory, as a notebook would: a Kaplan-Meier curve of each plan and usage band, held flat where it
ends, looked up for each customer. It has no shrinkage, contract or tail, so its total is another.
"""

import sys
import time

import lifelines
import numpy as np
import pandas as pd

from arena import built_arena, time_models
from nexasat import warehouse

MODELS = ("int_tenures_counted", "int_hazards_shrunk", "int_tenures_valued", "fct_customer_value")
TARGET = 8.0  # seconds for a million customers
HORIZON = 24
MONTH_RATE = 1.10 ** (1 / 12) - 1


def main() -> int:
    """Prints the seconds of each model, those of the peer and their ratio."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with built_arena("residual", customers) as (arena, connection):
        seconds = time_models(arena, connection, MODELS)
        total = "select sum(residual_clv_24m) as total from marts.fct_customer_value"
        ours = warehouse.fetch(connection, total)[0]["total"]
        frame = pd.read_csv(arena.folder / "residual" / "extract.csv")
    start = time.perf_counter()
    theirs = by_pandas(frame)
    peer = time.perf_counter() - start
    parts = ", ".join(f"{model} {value:.2f}" for model, value in seconds.items())
    whole = sum(seconds.values())
    print(
        f"customers {customers:,}: SQL {whole:.2f} s ({parts}), pandas and lifelines {peer:.2f} s"
    )
    print(f"SQL / pandas {whole / peer:.2f}; to reach for a million {TARGET:.0f} s")
    print(f"24 months: SQL {ours:,.0f}, curves held flat {theirs:,.0f}")
    return 0


def by_pandas(frame: pd.DataFrame) -> float:
    """Total value of 24 months of active customers, by plan and usage band, from a data frame."""
    frame = frame.rename(columns=str.lower)
    band = pd.cut(frame["data_usage"], [-np.inf, 10, 20, np.inf], labels=False)
    discount = (1 + MONTH_RATE) ** -np.arange(1, HORIZON + 1)
    grids = []
    for key, own in frame.groupby([frame["plan_type"], frame["plan_level"], band]):
        curve = lifelines.KaplanMeierFitter().fit(own["tenure_months"], own["churn"])
        last = int(own["tenure_months"].max())
        survival = curve.predict(np.arange(last + HORIZON + 1)).to_numpy()
        ahead = np.lib.stride_tricks.sliding_window_view(survival[1:], HORIZON)[: last + 1]
        months = (ahead @ discount) / survival[: last + 1]
        index = pd.MultiIndex.from_product([*([part] for part in key), range(last + 1)])
        grids.append(pd.Series(months, index=index))
    keys = ["plan_type", "plan_level", "band", "tenure_months"]
    grid = pd.concat(grids).rename_axis(keys).rename("months").reset_index()
    active = frame.assign(band=band).query("churn == 0").merge(grid, on=keys)
    return float((active["monthly_bill_amount"] * active["months"]).sum())


if __name__ == "__main__":
    sys.exit(main())
