"""The price card of dim_plans against the bills of the real extract, and offers priced by it."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from nexasat import warehouse


@pytest.fixture(scope="module")
def real(real_warehouse: dict[str, str]) -> Iterator[warehouse.Connection]:
    with warehouse.connect(real_warehouse) as connection:
        yield connection


def test_the_price_card_gives_the_bills_back(real: warehouse.Connection) -> None:
    """1,034 are the published fits of Basic Postpaid, whose customers without add-ons are 1,038."""
    found = warehouse.fetch(
        real,
        "select plan_key, count(*) as customers, count(*) filter (where conformity = 'fits'"
        " and (plan_key <> 'basic_postpaid' or not has_add_on)) as fits"
        " from marts.fct_bill_conformity group by plan_key",
    )
    assert {row["plan_key"]: (row["fits"], row["customers"]) for row in found} == {
        "premium_prepaid": (1832, 1832),
        "basic_prepaid": (1108, 1108),
        "premium_postpaid": (1235, 1748),
        "basic_postpaid": (1034, 2355),
    }


def test_an_add_on_makes_the_bill_of_basic_postpaid_flat(real: warehouse.Connection) -> None:
    """1,317 customers, 425 of them active, are billed as Basic Prepaid; six fit both cards.

    The notes say about 52,600 a month: 52,627.40 without rounding usage, as bills are rounded
    52,651.
    """
    [found] = warehouse.fetch(
        real,
        "select count(*) as customers, count(*) filter (where not is_churned) as active,"
        " count(*) filter (where conformity = 'fits') as fits_too,"
        " sum(bill_difference) filter (where not is_churned) as difference"
        " from marts.fct_bill_conformity"
        " where plan_key = 'basic_postpaid' and has_add_on"
        " and billed_as_plan_key = 'basic_prepaid'",
    )
    assert found == {
        "customers": 1317,
        "active": 425,
        "fits_too": 6,
        "difference": Decimal("-52651.00"),
    }


def test_the_inferred_tariff_fits_nobody_above_its_bound(real: warehouse.Connection) -> None:
    [found] = warehouse.fetch(
        real,
        "select count(*) as customers, count(*) filter (where conformity = 'fits') as fits"
        " from marts.fct_bill_conformity inner join marts.dim_customers using (customer_id)"
        " where fct_bill_conformity.plan_key = 'premium_postpaid' and data_usage > 10",
    )
    assert found == {"customers": 393, "fits": 0}


def test_the_published_offers_at_the_price_card(real: warehouse.Connection) -> None:
    """The upgrade list would lower revenue, the discount list would raise it."""
    found = warehouse.fetch(
        real,
        "select offer_key, customers, mrr_now, mrr_after, lowered_customers"
        " from marts.rpt_offer_summary where offer_key like 'premium%' and is_published_list",
    )
    assert {row.pop("offer_key"): tuple(row.values()) for row in found} == {
        "premium_upgrade_high_spend": (185, Decimal("49692.00"), Decimal("41107.90"), 185),
        "premium_discount_churn_risk": (753, Decimal("68674.00"), Decimal("94878.00"), 20),
    }


def test_what_half_price_for_three_months_must_avoid(real: warehouse.Connection) -> None:
    """As published: of the mean customer 25 % of the loss in Basic Prepaid, 66 % in Postpaid."""
    found = warehouse.fetch(
        real,
        "select plan_key, avg(discount_cost / expected_loss_12m) as share"
        " from marts.fct_offer_candidates where offer_key = 'retention_discount'"
        " and plan_key like 'basic%' group by plan_key",
    )
    assert {row["plan_key"]: round(row["share"], 2) for row in found} == {
        "basic_prepaid": Decimal("0.25"),
        "basic_postpaid": Decimal("0.66"),
    }


def test_no_offer_that_lowers_a_bill_is_the_next_best(real: warehouse.Connection) -> None:
    [found] = warehouse.fetch(
        real,
        "select count(*) as customers, sum(next_best.expected_value) as expected_value,"
        " count(*) filter (where is_bill_lowered) as lowered,"
        " count(*) filter (where next_best.value_if_accepted"
        " <> cast(monthly_bill_after - monthly_bill_amount as numeric) * expected_months_24m"
        " and abs(next_best.value_if_accepted"
        " - (monthly_bill_after - monthly_bill_amount) * expected_months_24m) > 1e-9) as wrong"
        " from marts.fct_next_best_offers as next_best"
        " inner join marts.fct_offer_candidates using (customer_id, offer_key)",
    )
    [totals] = warehouse.fetch(
        real,
        "select sum(next_best_customers) as customers,"
        " sum(next_best_expected_value) as expected_value from marts.rpt_offer_summary",
    )
    assert found == {**totals, "lowered": 0, "wrong": 0}
    assert found["customers"] > 1000
