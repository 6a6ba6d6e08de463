"""Random numbers to customers, as integers: the recipe carried out, a chunk at a time.

All sums are made on integers (cents, minutes, hundredths of a GB), so that no rounding of a
processor or library shows in the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from nexasat import generate_recipe as recipe
from nexasat.generate_recipe import COHORTS, DEFAULT_CUSTOMERS, HOUSEHOLDS, Bands, Plan

DECK = DEFAULT_CUSTOMERS  # the counts of the recipe hold exactly in each so many customers
DRAWS = 9  # random numbers for a customer, used or not, so that rows never shift
STEPS = 65_536  # equally likely places of a shape; finer than any band needs

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Customers as numbers.

    Attributes:
        cohort: index into `COHORTS`.
        person: index into `HOUSEHOLDS` times two, plus one for males.
        add_ons: one for an extra line, plus two for tech support.
        tenure: months.
        minutes: call minutes a month.
        gigabytes: hundredths of a GB a month.
        bill: cents a month.
    """

    cohort: Integers
    person: Integers
    add_ons: Integers
    tenure: Integers
    minutes: Integers
    gigabytes: Integers
    bill: Integers


def draw_rows(draws: Floats, customers: int) -> Rows:
    """Customers from random numbers in [0, 1).

    Args:
        draws: `DRAWS` rows, one per use, with a column per customer of whole decks.
        customers: how many to make of them, from the first.
    """
    tables = _tables()
    cohort = _dealt(tables.cohorts, draws[0])[:customers]
    person = _dealt(tables.persons, draws[1])[:customers]
    draws = draws[:, :customers]
    add_ons = tables.add_ons[person // 2, _place(draws[2], tables.add_ons.shape[1])]
    add_ons = np.where(tables.has_all_add_ons[cohort], 3, add_ons)
    tenure = tables.tenure[cohort, _place(draws[3], STEPS)].astype(np.int64)
    return used_and_billed(cohort, person, add_ons, tenure, draws)


def used_and_billed(
    cohort: Integers, person: Integers, add_ons: Integers, tenure: Integers, draws: Floats
) -> Rows:
    """Customers with the use of a month and the bill for it; `draws` as for `draw_rows`."""
    tables = _tables()
    plan = tables.plan[cohort]
    minutes = tables.minutes[cohort, _place(draws[4], STEPS)].astype(np.int64)
    gigabytes = tables.gigabytes[cohort, _place(draws[5], STEPS)].astype(np.int64)

    metered = (plan == Plan.POSTPAID_BASIC) & (add_ons == 0)
    minutes = np.where(metered, _inside_bill_range(minutes, gigabytes), minutes)
    bill = recipe.BASIC_FLAT + recipe.LINE_FEE * (add_ons % 2) + recipe.SUPPORT_FEE * (add_ons // 2)
    bill = np.where(metered, _basic_bill(minutes, gigabytes, draws[8]), bill)
    bill = np.where(plan == Plan.PREPAID_PREMIUM, recipe.PREPAID_PREMIUM_FLAT, bill)
    premium = _premium_bill(minutes, gigabytes, tables.is_on_card[cohort], draws[6:9])
    bill = np.where(plan == Plan.POSTPAID_PREMIUM, premium, bill)
    return Rows(cohort, person, add_ons, tenure, minutes, gigabytes, bill)


def _dealt(deck: Integers, draw: Floats) -> Integers:
    """The deck in random order, one deck after the other."""
    # A stable sort: others may order equal draws differently from one processor to the next.
    order = draw.reshape(-1, len(deck)).argsort(axis=1, kind="stable")
    return deck[order].ravel()


def _place(draw: Floats, places: int) -> Integers:
    """A draw from [0, 1) as one of `places` equally likely integers from 0."""
    return (draw * places).astype(np.int64)


# --- Bills, in cents ----------------------------------------------------------------------------


def _premium_bill(
    minutes: Integers, gigabytes: Integers, is_on_card: Flags, draws: Floats
) -> Integers:
    """Postpaid Premium; off the card it is the tariff at some other month's use."""
    ((least, most, _),), ((least_gb, most_gb, _),) = recipe.CARD_MINUTES, recipe.CARD_GB
    other_minutes = least + _place(draws[0], most - least + 1)
    other_gigabytes = least_gb + _place(draws[1], most_gb - least_gb + 1)
    keeps = (draws[2] < recipe.OFF_CARD_KEEPS_MINUTES) & (minutes >= least) & (minutes <= most)
    by_card = _premium_tariff(minutes, gigabytes)
    by_other = _premium_tariff(np.where(keeps, minutes, other_minutes), other_gigabytes)
    by_other += np.where(by_other == by_card, recipe.PREMIUM_PER_HUNDREDTH_GB, 0)  # not by chance
    return np.where(is_on_card, by_card, by_other)


def _premium_tariff(minutes: Integers, gigabytes: Integers) -> Integers:
    """Postpaid Premium by the formula."""
    by_use = recipe.PREMIUM_PER_MINUTE * minutes + recipe.PREMIUM_PER_HUNDREDTH_GB * gigabytes
    return recipe.PREMIUM_STANDING + by_use


def _basic_bill(minutes: Integers, gigabytes: Integers, draw: Floats) -> Integers:
    """Postpaid Basic without add-ons; a few bills leave the minutes out."""
    unit = recipe.BASIC_ROUNDED_TO
    data = recipe.BASIC_PER_HUNDREDTH_GB * gigabytes
    left_out = (draw < recipe.MINUTES_NOT_BILLED) & (data >= recipe.LOWEST_BILL)
    exact = data + np.where(left_out, 0, recipe.BASIC_PER_MINUTE * minutes)
    return (exact + unit // 2) // unit * unit


def _inside_bill_range(minutes: Integers, gigabytes: Integers) -> Integers:
    """Minutes moved just enough for a Postpaid Basic bill in the range of the published ones."""
    half = recipe.BASIC_ROUNDED_TO // 2
    data = recipe.BASIC_PER_HUNDREDTH_GB * gigabytes
    least = -((data + half - recipe.LOWEST_BILL) // recipe.BASIC_PER_MINUTE)
    most = (recipe.HIGHEST_BILL + half - 1 - data) // recipe.BASIC_PER_MINUTE
    return np.clip(minutes, least, most)


# --- The recipe as lookup tables ----------------------------------------------------------------


@dataclass(frozen=True)
class _Tables:
    """What a cohort is (three), the decks (two), and what a random place stands for (the rest)."""

    plan: Integers
    has_all_add_ons: Flags
    is_on_card: Flags
    cohorts: Integers
    persons: Integers
    add_ons: Integers  # [household, place]
    tenure: NDArray[np.int16]  # [cohort, place]; int16 keeps the three in the processor's cache
    minutes: NDArray[np.int16]
    gigabytes: NDArray[np.int16]


@cache
def _tables() -> _Tables:
    """The tables, built once."""
    return _Tables(
        plan=np.array([cohort.plan for cohort in COHORTS], dtype=np.int64),
        has_all_add_ons=np.array([cohort.plan.includes_add_ons for cohort in COHORTS]),
        is_on_card=np.array([cohort.on_card for cohort in COHORTS]),
        cohorts=_indices([cohort.customers for cohort in COHORTS]),
        persons=_indices([count for home in HOUSEHOLDS for count in (home.females, home.males)]),
        add_ons=np.stack([_indices(home.add_ons) for home in HOUSEHOLDS]),
        tenure=np.stack([_spread(cohort.tenure) for cohort in COHORTS]),
        minutes=np.stack([_spread(cohort.minutes) for cohort in COHORTS]),
        gigabytes=np.stack([_spread(cohort.gigabytes) for cohort in COHORTS]),
    )


def _indices(counts: Sequence[int]) -> Integers:
    """Each index as often as its count says."""
    return np.repeat(np.arange(len(counts), dtype=np.int64), counts)


def _spread(bands: Bands) -> NDArray[np.int16]:
    """`STEPS` values, rising, as often each as the bands say."""
    low, high, weight = np.array(bands, dtype=np.int64).T
    ends = np.cumsum(weight) * STEPS // weight.sum()
    counts = np.diff(ends, prepend=0)
    rank = np.arange(STEPS) - np.repeat(ends - counts, counts)  # place inside the band
    width = np.repeat(high - low + 1, counts)
    values: Integers = np.repeat(low, counts) + rank * width // np.repeat(counts, counts)
    return values.astype(np.int16)
