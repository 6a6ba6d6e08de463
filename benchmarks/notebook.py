"""The peer: what an analyst would write in a notebook with pandas, scikit-learn and SQLAlchemy.

    python notebook.py EXTRACT [--copy]

Reads the file, cleans, values, segments, clusters and lists the customers, and writes the main
tables by `to_sql` to the database of the libpq variables: in pieces of 10,000 rows, or with --copy
by the COPY callable of the pandas documentation. No views, keys, comments or tests.
"""

import csv
import io
import sys
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler
from sqlalchemy import create_engine

NUMBERS = ["call_duration", "data_usage", "monthly_bill_amount", "tenure_months"]
FLAGS = ["partner", "dependents", "senior_citizen", "multiple_lines", "tech_support", "churn"]
WEIGHTS = {
    "monthly_bill_amount": 0.4,
    "tenure_months": 0.3,
    "call_duration": 0.1,
    "data_usage": 0.1,
}
PREMIUM_WEIGHT = 0.1
TIERS = ["High Value", "Moderate Value", "Low Value", "Churn Risk"]
USAGE_BANDS = ["up to 10 GB", "10-20 GB", "over 20 GB"]
TENURE_BANDS = [
    "up to 12 months",
    "13-24 months",
    "25-36 months",
    "37-48 months",
    "49-60 months",
    "over 60 months",
]
DIMENSIONS = [
    "gender",
    "senior_citizen",
    "partner",
    "dependents",
    "plan",
    "usage_band",
    "tenure_band",
]
Frame: TypeAlias = Any  # pandas has no types, and gives its own objects to the callable below
Untyped: TypeAlias = Any


def read(path: str) -> Frame:
    """The usable rows of the extract, typed; of a repeated customer the last one."""
    raw = pd.read_csv(path)
    raw.columns = raw.columns.str.lower()
    for column in NUMBERS:
        raw[column] = pd.to_numeric(raw[column], errors="coerce")
    for column in FLAGS:
        texts = raw[column].astype(str).str.strip().str.lower()
        raw[column] = texts.map({"yes": True, "1": True, "no": False, "0": False})
    for column in ("gender", "plan_type", "plan_level"):
        raw[column] = raw[column].str.strip().str.capitalize()
    fine = raw.notna().all(axis=1) & (raw[NUMBERS] >= 0).all(axis=1)
    fine &= raw["gender"].isin(["Female", "Male"]) & raw["plan_type"].isin(["Prepaid", "Postpaid"])
    fine &= raw["plan_level"].isin(["Basic", "Premium"])
    customers = raw[fine].drop_duplicates("customer_id", keep="last")
    customers = customers.astype(dict.fromkeys(FLAGS, bool))
    customers["plan"] = (customers["plan_level"] + "_" + customers["plan_type"]).str.lower()
    tenure_edges = [-1, 12, 24, 36, 48, 60, np.inf]
    tenures = pd.cut(customers["tenure_months"], tenure_edges, labels=TENURE_BANDS)
    customers["tenure_band"] = tenures.astype(str)
    usages = pd.cut(customers["data_usage"], [-1, 10, 20, np.inf], labels=USAGE_BANDS)
    customers["usage_band"] = usages.astype(str)
    return customers


def value(customers: Frame) -> None:
    """Adds CLV and both scores, the first in whole hundredths since floats round halves wrongly."""
    premium = (customers["plan_level"] == "Premium").astype(int)
    bill_cents = (customers["monthly_bill_amount"] * 100).round().astype("int64")
    data_hundredths = (customers["data_usage"] * 100).round().astype("int64")
    customers["historical_clv"] = bill_cents * customers["tenure_months"] / 100
    customers["proxy_clv"] = customers["historical_clv"].where(~customers["churn"], 0)
    ten_thousandths = (
        40 * bill_cents
        + 3000 * customers["tenure_months"]
        + 1000 * customers["call_duration"]
        + 10 * data_hundredths
        + 1000 * premium
    )
    customers["clv_score"] = (ten_thousandths + 50) // 100 / 100
    active = customers[~customers["churn"]]
    scaled = PREMIUM_WEIGHT * premium
    for column, weight in WEIGHTS.items():
        lowest, highest = active[column].min(), active[column].max()
        scaled = scaled + weight * (customers[column] - lowest) / (highest - lowest)
    customers["clv_score_scaled"] = scaled


def segment(customers: Frame) -> Frame:
    """Adds the tier to everybody; returns the active customers with their clusters."""
    scores = customers["clv_score"]
    low, middle, high = np.percentile(scores[~customers["churn"]], [25, 50, 85])
    tiers = [scores > high, scores >= middle, scores >= low]
    customers["value_tier"] = np.select(tiers, TIERS[:3], TIERS[3])
    active = customers[~customers["churn"]].copy()
    features = StandardScaler().fit_transform(active[NUMBERS])
    active["cluster_id"] = KMeans(n_clusters=5, n_init=10, random_state=42).fit_predict(features)
    return active


def lists(active: Frame) -> Frame:
    """The five lists, one below the other."""
    basic = active["plan_level"] == "Basic"
    family = (active["partner"] | active["dependents"]) & ~active["multiple_lines"]
    low = active["value_tier"].isin(["Low Value", "Churn Risk"])
    alone_and_senior = active["senior_citizen"] & ~active["dependents"]
    rules = {
        "tech_support_seniors": alone_and_senior & ~active["tech_support"] & low,
        "multiple_lines_families": basic & family,
        "premium_discount_churn_risk": basic & (active["value_tier"] == "Churn Risk"),
        "premium_upgrade_high_spend": basic & ~low & (active["monthly_bill_amount"] > 150),
        "multiple_lines_new_families": family & (active["tenure_months"] <= 12),
    }
    columns = ["customer_id", "plan", "value_tier", "monthly_bill_amount", "historical_clv"]
    return pd.concat(
        [active.loc[rule, columns].assign(offer_key=key) for key, rule in rules.items()]
    )


def outliers(customers: Frame) -> Frame:
    """Customers outside 1.5 interquartile ranges or 3 standard deviations, per column."""
    found = []
    for column in NUMBERS:
        values = customers[column]
        first, third = values.quantile([0.25, 0.75])
        reach, spread = 1.5 * (third - first), 3 * values.std()
        outside_iqr = (values < first - reach) | (values > third + reach)
        outside_sd = (values - values.mean()).abs() > spread
        columns = {
            "customer_id": customers["customer_id"],
            "column_name": column,
            "column_value": values,
            "is_outside_iqr": outside_iqr,
            "is_outside_sd": outside_sd,
        }
        found.append(pd.DataFrame(columns)[outside_iqr | outside_sd])
    return pd.concat(found)


def reports(customers: Frame, active: Frame, candidates: Frame) -> dict[str, Frame]:
    """Profiles of tiers, clusters, plans and lists."""
    measures = {
        "customers": ("customer_id", "size"),
        "mrr": ("monthly_bill_amount", "sum"),
        "historical_clv": ("historical_clv", "sum"),
        "mean_bill": ("monthly_bill_amount", "mean"),
        "mean_tenure": ("tenure_months", "mean"),
    }
    more = {
        "median_bill": ("monthly_bill_amount", "median"),
        "median_tenure": ("tenure_months", "median"),
        "median_data": ("data_usage", "median"),
        "median_calls": ("call_duration", "median"),
        "tech_support_rate": ("tech_support", "mean"),
        "multiple_lines_rate": ("multiple_lines", "mean"),
    }
    segments = active.groupby("value_tier").agg(**measures, **more)
    segments["churn_rate"] = customers.groupby("value_tier")["churn"].mean()
    breakdowns = pd.concat(
        [
            active.groupby(["value_tier", dimension]).size().rename("customers").reset_index()
            .assign(dimension_name=dimension)
            .rename(columns={dimension: "dimension_value"})
            .astype({"dimension_value": str})
            for dimension in DIMENSIONS
        ]
    )  # fmt: skip
    return {
        "segment_profiles": segments.reset_index(),
        "segment_breakdowns": breakdowns,
        "cluster_profiles": active.groupby("cluster_id").agg(**measures, **more).reset_index(),
        "plan_summary": customers.groupby(["plan_level", "plan_type", "churn"])
        .agg(**measures)
        .reset_index(),
        "offer_summary": candidates.groupby("offer_key")
        .agg(customers=("customer_id", "size"), mrr_now=("monthly_bill_amount", "sum"))
        .reset_index(),
    }


def copy_rows(
    table: Untyped, connection: Untyped, keys: list[str], rows: Iterable[Untyped]
) -> None:
    """The COPY callable of the pandas documentation, for psycopg 3."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    columns = ", ".join(f'"{key}"' for key in keys)
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"copy {table.name} ({columns}) from stdin with csv") as copy,
    ):
        copy.write(text.getvalue())


def main(path: str, method: Untyped) -> None:
    """Everything, from the file to the tables."""
    customers = read(path)
    value(customers)
    active = segment(customers)
    candidates = lists(active)
    worth = ["customer_id", "churn", "historical_clv", "proxy_clv", "clv_score", "clv_score_scaled"]
    parts = ["customer_id", "plan", "value_tier", "cluster_id", "clv_score", *DIMENSIONS[:4]]
    tables = {
        "customers": customers[["customer_id", *NUMBERS, *FLAGS, *DIMENSIONS[4:], "gender"]],
        "customer_value": customers[worth],
        "customer_segments": active[[*parts, *DIMENSIONS[5:]]],
        "offer_candidates": candidates,
        "customer_outliers": outliers(customers),
        **reports(customers, active, candidates),
    }
    engine = create_engine("postgresql+psycopg://")  # libpq reads its variables
    with engine.begin() as connection:
        for name, frame in tables.items():
            frame.to_sql(
                name, connection, if_exists="replace", index=False, chunksize=10_000, method=method
            )


if __name__ == "__main__":
    main(sys.argv[1], copy_rows if "--copy" in sys.argv[2:] else None)
