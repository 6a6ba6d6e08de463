"""The price card of dim_plans against the bills of the real extract."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from nexasat import warehouse


@pytest.fixture(scope="module")
def real(real_warehouse: dict[str, str]) -> Iterator[warehouse.Connection]:
    with warehouse.connect(real_warehouse) as connection:
        yield connection


def test_the_price_card_gives_the_bills_back(real: warehouse.Connection) -> None:
    """The four formulas of the extract, with prices and rates of dim_plans alone."""
    rows = warehouse.fetch(
        real,
        """
        with priced as (
            select
                plan_key, is_churned, monthly_bill_amount, has_tech_support, has_multiple_lines,
                base_price + minute_rate * call_duration + gigabyte_rate * data_usage as usage,
                case
                    when is_add_ons_included then 0
                    else tech_support_price * cast(has_tech_support as integer)
                        + extra_line_price * cast(has_multiple_lines as integer)
                end as add_ons,
                (select base_price from marts.dim_plans where plan_key = 'basic_prepaid') as flat
            from marts.dim_customers inner join marts.dim_plans using (plan_key)
        )
        select plan_key, not is_churned as is_active,
            not has_tech_support and not has_multiple_lines as is_plain, count(*) as customers,
            count(*) filter (where monthly_bill_amount = usage + add_ons) as by_card,
            count(*) filter (where monthly_bill_amount = round(usage, 0)) as by_rounded_usage,
            count(*) filter (where monthly_bill_amount = flat + add_ons) as by_flat_price,
            sum(usage + add_ons - monthly_bill_amount) as more_by_card
        from priced group by plan_key, is_churned, is_plain
        """,
    )

    def added(column: str, plan_key: str, **more: bool) -> Decimal:
        wanted = {"plan_key": plan_key, **more}
        return sum(
            (Decimal(row[column]) for row in rows if wanted.items() <= row.items()), Decimal(0)
        )

    assert added("by_card", "premium_prepaid") == added("customers", "premium_prepaid") == 1832
    assert added("by_card", "basic_prepaid") == added("customers", "basic_prepaid") == 1108
    assert added("by_card", "premium_postpaid") == 1235
    assert added("customers", "premium_postpaid") == 1748
    assert added("by_rounded_usage", "basic_postpaid", is_plain=True) == 1034
    assert added("customers", "basic_postpaid", is_plain=True) == 1038
    # an add-on makes the bill of Basic Postpaid flat: the price card says otherwise
    assert added("by_flat_price", "basic_postpaid", is_plain=False) == 1317
    assert added("customers", "basic_postpaid", is_plain=False) == 1317
    assert added("customers", "basic_postpaid", is_plain=False, is_active=True) == 425
    assert added("more_by_card", "basic_postpaid", is_plain=False, is_active=True) == Decimal(
        "52627.40"
    )


def test_the_published_offers_at_the_price_card(real: warehouse.Connection) -> None:
    """The upgrade list would lower revenue, the discount list would raise it."""
    found = warehouse.fetch(
        real,
        """
        select offer_key, round(sum(
            base_price + minute_rate * call_duration + gigabyte_rate * data_usage
        ), 2) as mrr_after
        from marts.fct_offer_candidates
        inner join marts.dim_customers using (customer_id)
        inner join marts.dim_plans on dim_plans.plan_key = case offer_key
            when 'premium_upgrade_high_spend' then 'premium_postpaid'
            when 'premium_discount_churn_risk' then 'premium_prepaid' end
        group by offer_key
        """,
    )
    assert {row["offer_key"]: row["mrr_after"] for row in found} == {
        "premium_upgrade_high_spend": Decimal("41107.90"),  # 49,692.00 now
        "premium_discount_churn_risk": Decimal("94878.00"),  # 68,674.00 now
    }
