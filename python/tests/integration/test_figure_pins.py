"""Figures of the real extract that the published list does not hold, each pinned to its value."""

from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from nexasat import warehouse

CENT = Decimal("0.01")
# Sizes that wrong programs give: and/or without parentheses, a misspelt plan, labels or their case
# that do not match, gaps between bands, a wrong third bound.
BUG_SIGNATURES = {683, 1139, 673, 751, 0, 71, 101, 7042, 46, 2136}


@pytest.fixture(scope="module")
def real(real_warehouse: dict[str, str]) -> Iterator[warehouse.Connection]:
    with warehouse.connect(real_warehouse) as connection:
        yield connection


def _pairs(connection: warehouse.Connection, query: str) -> dict[str, str]:
    """The first column as key, the rest as PostgreSQL prints it, with `|` between."""
    rows = [list(map(str, row.values())) for row in warehouse.fetch(connection, query)]
    pairs = {row[0]: "|".join(row[1:]) for row in rows}
    assert len(pairs) == len(rows)
    return pairs


def test_sizes_and_bounds_of_the_tiers(real: warehouse.Connection) -> None:
    query = """
        select
            value_tier, customers,
            trim_scale(lower_clv_score) as lower_bound, trim_scale(upper_clv_score) as upper_bound
        from marts.rpt_segment_profiles inner join marts.dim_segments using (value_tier)
    """
    assert _pairs(real, query) == {
        "High Value": "641|144.148|None",
        "Moderate Value": "1495|87.945|144.148",
        "Low Value": "1068|70.465|87.945",
        "Churn Risk": "1068|None|70.465",
    }


def test_customers_beside_the_bounds(real: warehouse.Connection) -> None:
    query = """
        select customer_id, clv_score, value_tier from marts.fct_customer_segments
        where customer_id in (
            'NSat7024', 'NSat2437', 'NSat8139', 'NSat2485', 'NSat6455', 'NSat5046'
        )
    """
    assert _pairs(real, query) == {
        "NSat7024": "70.45|Churn Risk",
        "NSat2437": "70.47|Low Value",
        "NSat8139": "87.94|Low Value",
        "NSat2485": "87.95|Moderate Value",
        "NSat6455": "144.12|Moderate Value",
        "NSat5046": "144.20|High Value",
    }
    [between] = warehouse.fetch(
        real,
        "select count(*) as customers from marts.fct_customer_segments where clv_score > 70.45"
        " and clv_score < 70.47 or clv_score > 87.94 and clv_score < 87.95"
        " or clv_score > 144.12 and clv_score < 144.20",
    )
    assert between["customers"] == 0, "they are not the nearest ones"


def test_sizes_and_revenue_of_the_lists(real: warehouse.Connection) -> None:
    query = """
        with published as (
            select *, count(*) over (partition by customer_id) > 1 as is_on_another
            from marts.fct_offer_candidates inner join marts.dim_offers using (offer_key)
            where is_published_list
        )
        select
            offer_key, customers, count(*) filter (where is_on_another) as on_others, mrr_now
        from published inner join marts.rpt_offer_summary using (offer_key)
        group by offer_key, customers, mrr_now
    """
    assert _pairs(real, query) == {
        "tech_support_seniors": "115|76|10603.00",
        "multiple_lines_families": "376|353|51249.00",
        "premium_discount_churn_risk": "753|268|68674.00",
        "premium_upgrade_high_spend": "185|93|49692.00",
        "multiple_lines_new_families": "273|273|35468.00",
    }


def test_customers_on_two_or_more_lists(real: warehouse.Connection) -> None:
    """366 of the first four lists; with the new families, who are all families as well, 417."""
    query = """
        with lists as (
            select customer_id, array_agg(offer_key) as offer_keys
            from marts.fct_offer_candidates inner join marts.dim_offers using (offer_key)
            where is_published_list group by customer_id
        )
        select left_out, count(*) filter (
            where cardinality(array_remove(offer_keys, left_out)) > 1
        )
        from lists cross join (
            select offer_key as left_out from marts.dim_offers where is_published_list
            union all select 'none'
        ) as choices
        group by left_out
    """
    assert _pairs(real, query) == {
        "none": "417",
        "multiple_lines_new_families": "366",
        "tech_support_seniors": "352",
        "multiple_lines_families": "287",
        "premium_discount_churn_risk": "308",
        "premium_upgrade_high_spend": "384",
    }


def test_revenue_and_value_of_active_customers(real: warehouse.Connection) -> None:
    [found] = warehouse.fetch(
        real,
        "select (select mrr from marts.rpt_plan_summary"
        " where plan_level = 'All' and plan_type = 'All') as mrr,"
        " sum(mrr) as tier_mrr, sum(historical_clv) as clv from marts.rpt_segment_profiles",
    )
    assert found["mrr"] == found["tier_mrr"] == Decimal("672974.15")
    assert found["clv"] == Decimal("19486089.35")


def test_what_makes_up_the_score(real: warehouse.Connection) -> None:
    query = """
        select
            component, round(variance_share, 2) as share, round(score_correlation, 2) as correlation
        from marts.rpt_score_components where score_name = 'clv_score'
    """
    assert _pairs(real, query) == {
        "monthly_bill_amount": "0.60|0.94",
        "tenure_months": "0.02|0.31",
        "call_duration": "0.11|0.68",
        "data_usage": "0.00|-0.08",
        "is_premium": "0.00|0.40",
    }


def test_outliers(real: warehouse.Connection) -> None:
    query = """
        select column_name, customers_outside_iqr, customers_outside_sd
        from marts.rpt_outlier_summary
    """
    assert _pairs(real, query) == {
        "monthly_bill_amount": "601|12",
        "tenure_months": "0|0",
        "call_duration": "0|0",
        "data_usage": "814|94",
    }


def test_scores_are_rounded_by_exact_arithmetic(real: warehouse.Connection) -> None:
    rows = warehouse.fetch(
        real,
        "select * from marts.dim_customers inner join marts.fct_customer_value"
        " using (customer_id, is_churned, monthly_bill_amount, tenure_months)"
        " where not is_churned",
    )
    assert len(rows) == 4272
    exact = [
        Decimal("0.4") * row["monthly_bill_amount"]
        + Decimal("0.3") * row["tenure_months"]
        + Decimal("0.1")
        * (row["call_duration"] + row["data_usage"] + (row["plan_level"] == "Premium"))
        for row in rows
    ]
    scores = [row["clv_score"] for row in rows]
    assert scores == [value.quantize(CENT, ROUND_HALF_UP) for value in exact]
    halves = [index for index, value in enumerate(exact) if value * 1000 % 10 == 5]
    assert len(halves) == 437
    floats = np.array(
        [
            0.4 * float(row["monthly_bill_amount"])
            + 0.3 * row["tenure_months"]
            + 0.1 * row["call_duration"]
            + 0.1 * float(row["data_usage"])
            + 0.1 * (row["plan_level"] == "Premium")
            for row in rows
        ]
    )
    rounded = [Decimal(f"{value:.2f}") for value in np.round(floats, 2)]
    different = [index for index in range(len(rows)) if rounded[index] != scores[index]]
    assert len(different) == 174
    assert set(different) <= set(halves)
    even = [value.quantize(CENT, ROUND_HALF_EVEN) for value in exact]
    assert even != scores, "this extract cannot tell the two ways of rounding apart"


def test_no_list_and_no_tier_has_the_size_of_a_known_bug(real: warehouse.Connection) -> None:
    sizes = warehouse.fetch(
        real,
        "select customers from marts.rpt_offer_summary where is_published_list"
        " union all select customers from marts.rpt_segment_profiles"
        " union all select count(*) from marts.dim_customers",
    )
    assert len(sizes) == 5 + 4 + 1
    assert not BUG_SIGNATURES & {row["customers"] for row in sizes}
