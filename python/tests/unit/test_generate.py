"""The synthetic extract keeps the recipe in the notes on the published data.

The expected numbers are written here a second time, from the notes, not read from the recipe: a
slip in the recipe is to be seen.
"""

import io
import re
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from nexasat.commands import generate as command
from nexasat.generate import CHUNK, generate_extract
from nexasat.generate_rows import DECK

PROJECT = Path(__file__).resolve().parents[3]
PUBLISHED = PROJECT.parent / "shared" / "data" / "NexaSatData.csv"
DECKS = 28  # 197,204 customers
PLANS = {  # customers and churned ones in 7,043
    "Postpaid Basic": (2355, 1583),
    "Postpaid Premium": (1748, 345),
    "Prepaid Basic": (1108, 623),
    "Prepaid Premium": (1832, 220),
}
PEOPLE = {  # senior, partner, dependents: females and males in 7,043
    (0, "No", "No"): (1338, 1381),
    (0, "No", "Yes"): (142, 211),
    (0, "Yes", "No"): (596, 567),
    (0, "Yes", "Yes"): (844, 822),
    (1, "No", "No"): (317, 244),
    (1, "No", "Yes"): (3, 5),
    (1, "Yes", "No"): (209, 281),
    (1, "Yes", "Yes"): (39, 44),
}
LINE = re.compile(
    r"NSat\d{4},(Fem|M)ale(,(Yes|No)){2},[01],[1-9]\d{0,2},[1-9]\d?(\.\d?[1-9])?,"
    r"(Post|Pre)paid,(Basic|Premium),[1-9]\d{1,2}(\.\d?[1-9])?,[1-9]\d?(,(Yes|No)){2},[01]"
)


def make(customers: int, seed: int = 42) -> bytes:
    return b"".join(generate_extract(customers, seed))


def read(file: BinaryIO | Path) -> pd.DataFrame:
    """The extract with money in cents, use in hundredths and the plan in one column."""
    rows = pd.read_csv(file).rename(columns=str.lower)
    rows["plan"] = rows["plan_type"] + " " + rows["plan_level"]
    rows["bill"] = (rows["monthly_bill_amount"] * 100).round().astype("int64")
    rows["gb"] = (rows["data_usage"] * 100).round().astype("int64")
    rows["support"] = (rows["tech_support"] == "Yes").astype("int64")
    rows["lines"] = (rows["multiple_lines"] == "Yes").astype("int64")
    return rows


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return read(io.BytesIO(make(DECKS * DECK, seed=7)))


def assert_share(flags: pd.Series, expected: float) -> None:
    """The share of true flags is within four standard errors of `expected`."""
    error = (expected * (1 - expected) / len(flags)) ** 0.5
    assert abs(flags.mean() - expected) <= 4 * error


def test_the_bundled_extract_is_the_default_output() -> None:
    bundled = PROJECT / "seeds" / "raw" / "raw_nexasat_customers.csv"
    assert CliRunner().invoke(command.generate).stdout_bytes == bundled.read_bytes()


def test_a_seed_stands_for_its_bytes() -> None:
    assert make(500, seed=1) == make(500, seed=1)
    assert make(500, seed=1) != make(500, seed=2)


@pytest.mark.parametrize("customers", [1, DECK - 1, DECK, DECK + 1, CHUNK - 1, CHUNK, CHUNK + 1])
def test_a_smaller_extract_is_the_head_of_a_larger_one(customers: int) -> None:
    larger = make(CHUNK + DECK).splitlines(keepends=True)
    assert make(customers) == b"".join(larger[: customers + 1])


def test_columns_and_formats() -> None:
    header, *lines, after_last = make(DECK).decode("ascii").split("\n")
    published = "Customer_ID,Gender,Partner,Dependents,Senior_Citizen,Call_Duration,Data_Usage,"
    published += "Plan_Type,Plan_Level,Monthly_Bill_Amount,Tenure_Months,Multiple_Lines,"
    assert header == (published + "Tech_Support,Churn").lower()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert (len(lines), after_last) == (7043, "")


def test_ids_are_consecutive(rows: pd.DataFrame) -> None:
    assert rows["customer_id"].tolist() == [f"NSat{2001 + n}" for n in range(len(rows))]


@pytest.mark.parametrize(
    ("column", "least", "most"),
    [("call_duration", 1, 572), ("gb", 100, 3287), ("tenure_months", 1, 60), ("bill", 2200, 41500)],
)
def test_values_span_the_published_ranges(
    rows: pd.DataFrame, column: str, least: int, most: int
) -> None:
    assert least <= rows[column].min() <= least * 1.05 + 1
    assert most * 0.98 <= rows[column].max() <= most


def test_each_deck_has_the_published_counts(rows: pd.DataFrame) -> None:
    deck = np.arange(len(rows)) // DECK
    plans = rows.groupby([deck, "plan"])["churn"].agg(["size", "sum"])
    people = rows.groupby([deck, "senior_citizen", "partner", "dependents", "gender"]).size()
    for number in range(DECKS):
        assert {plan: tuple(counts) for plan, counts in plans.loc[number].iterrows()} == PLANS
        pairs = people.loc[number].unstack("gender")
        assert {key: tuple(counts) for key, counts in pairs.iterrows()} == PEOPLE


def test_nobody_leaves_inside_the_lock_in(rows: pd.DataFrame) -> None:
    churned = rows[rows["churn"] == 1].groupby("plan")["tenure_months"].agg(["min", "max"])
    assert churned.loc["Prepaid Premium"].tolist() == [24, 34]
    assert churned.loc["Postpaid Premium"].tolist() == [12, 34]


def test_tenure_shapes(rows: pd.DataFrame) -> None:
    plans = dict(list(rows.groupby("plan")))
    assert set(plans["Prepaid Basic"]["tenure_months"]) == set(range(1, 15))
    assert plans["Postpaid Basic"]["tenure_months"].mode()[0] <= 14
    left = plans["Postpaid Premium"].query("churn == 1")["tenure_months"]
    assert_share(left.between(13, 18), 117 / 345)
    for premium in ("Postpaid Premium", "Prepaid Premium"):
        stay = plans[premium].query("churn == 0")["tenure_months"]
        years = np.histogram(stay, bins=[1, 13, 25, 37, 49, 61])[0]
        assert years[0] < years[1] < years[2] < years[3]
        assert set(stay) == set(range(1, 61))


def test_flat_tariffs_hold_on_every_row(rows: pd.DataFrame) -> None:
    add_ons = 8000 + 800 * rows["support"] + 1200 * rows["lines"]
    flat = (rows["plan"] == "Postpaid Basic") & (rows["support"] + rows["lines"] > 0)
    flat |= rows["plan"] == "Prepaid Basic"
    assert (rows["bill"] == add_ons)[flat].all()
    assert (rows["bill"] == 12600)[rows["plan"] == "Prepaid Premium"].all()


def test_postpaid_basic_is_metered_but_for_four_in_a_thousand(rows: pd.DataFrame) -> None:
    metered = rows[(rows["plan"] == "Postpaid Basic") & (rows["support"] + rows["lines"] == 0)]
    data = metered["gb"] * 10
    bill = (data + 80 * metered["call_duration"] + 50) // 100 * 100
    off = metered["bill"] != bill
    assert_share(off, 4 / 1038)
    assert (metered["bill"] == (data + 50) // 100 * 100)[off].all()  # the minutes are left out


def test_postpaid_premium_is_off_the_card_as_often_as_published(rows: pd.DataFrame) -> None:
    premium = rows[rows["plan"] == "Postpaid Premium"]
    on = premium["bill"] == 3500 + 60 * premium["call_duration"] + 5 * premium["gb"]
    assert (~on).sum() == 513 * DECKS
    assert not on[premium["gb"] > 1000].any()
    assert_share(on[premium["gb"] <= 1000], 1235 / 1355)
    assert premium["bill"][~on].between(7000, 39000).all()
    off = premium[~on]
    assert 0.15 < np.corrcoef(off["bill"], off["call_duration"])[0, 1] < 0.30


@pytest.mark.parametrize("column", ["gender", "partner", "dependents", "senior_citizen"])
def test_demographics_tell_nothing(rows: pd.DataFrame, column: str) -> None:
    value = rows[column].iloc[0]
    overall = float((rows[column] == value).mean())
    for _, part in rows.groupby(["plan", "churn"]):
        assert_share(part[column] == value, overall)


def test_add_ons(rows: pd.DataFrame) -> None:
    basic = rows[rows["plan_level"] == "Basic"]
    assert rows.loc[rows["plan_level"] == "Premium", ["support", "lines"]].eq(1).all(axis=None)
    senior = basic["senior_citizen"] == 1
    alone = senior & (basic["dependents"] == "No")
    assert basic.loc[alone, "support"].mean() == pytest.approx(0.216, abs=0.01)
    assert basic.loc[~alone, "support"].mean() == pytest.approx(0.305, abs=0.01)
    assert basic.loc[senior, "lines"].mean() == pytest.approx(0.58, abs=0.01)
    assert basic.loc[~senior, "lines"].mean() == pytest.approx(0.385, abs=0.01)


def test_minutes_and_data(rows: pd.DataFrame) -> None:
    for plan, part in rows.groupby("plan"):
        tail = {"Postpaid Basic": 0, "Prepaid Basic": 0.721}.get(str(plan), 0.23)
        assert (part["gb"] > 1000).mean() == pytest.approx(tail, abs=0.015)
        assert abs(np.corrcoef(part["gb"], part["call_duration"])[0, 1]) < 0.03
        low, bump, after = np.histogram(part["call_duration"], bins=[0, 50, 100, 150])[0]
        is_bumped = plan == "Postpaid Basic"
        assert (bump > 1.5 * low and bump > 1.5 * after) == is_bumped
        assert (part["call_duration"].max() <= 400) == is_bumped


def test_the_order_does_not_tell_who_churned(rows: pd.DataFrame) -> None:
    churn = rows["churn"].to_numpy().astype(float)
    bound = 4 / len(churn) ** 0.5
    assert abs(np.corrcoef(churn, np.arange(len(churn)))[0, 1]) < bound
    assert abs(np.corrcoef(churn[1:], churn[:-1])[0, 1]) < bound
    for first in range(0, len(churn) - 250, 250):  # the published file has runs of 250
        assert 0.25 < churn[first : first + 250].mean() < 0.55


@pytest.mark.skipif(
    not PUBLISHED.is_file(), reason="the published extract is not beside the project"
)
def test_moments_are_near_the_published_ones(rows: pd.DataFrame) -> None:
    columns = ["bill", "tenure_months", "call_duration", "gb"]
    published = read(PUBLISHED)
    for how in ("mean", "std"):
        ours = rows.groupby("plan")[columns].agg(how)
        theirs = published.groupby("plan")[columns].agg(how)
        assert ((ours - theirs).abs() <= 0.04 * theirs).all(axis=None)
