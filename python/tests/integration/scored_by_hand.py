"""Scores and tiers derived by hand in SQL, and what differs between them and ours."""

from nexasat import warehouse

SCORED = """
    with lowest as (
        select
            min(monthly_bill_amount) as bill, max(monthly_bill_amount) as most_bill,
            min(tenure_months) as months, max(tenure_months) as most_months,
            min(call_duration) as minutes, max(call_duration) as most_minutes,
            min(data_usage) as gigabytes, max(data_usage) as most_gigabytes
        from marts.dim_customers
        where not is_churned
    ),

    scored as (
        select
            customers.*,
            case plan_level when 'Premium' then 1 when 'Basic' then 0 end as premium,
            round(
                0.4 * monthly_bill_amount + 0.3 * tenure_months + 0.1 * call_duration
                + 0.1 * data_usage + case plan_level when 'Premium' then 0.1 else 0 end, 2
            ) as score,
            round(
                0.4 * (monthly_bill_amount - bill) / (most_bill - bill)
                + 0.3 * (tenure_months - months) / (most_months - months)
                + 0.1 * (call_duration - minutes) / (most_minutes - minutes)
                + 0.1 * (data_usage - gigabytes) / (most_gigabytes - gigabytes)
                + case plan_level when 'Premium' then 0.1 else 0 end, 6
            ) as scaled_score
        from marts.dim_customers as customers
        cross join lowest
    ),

    bounds as (
        select
            cast(percentile_cont(0.85) within group (order by score) as numeric(12, 6)) as p85,
            cast(percentile_cont(0.5) within group (order by score) as numeric(12, 6)) as p50,
            cast(percentile_cont(0.25) within group (order by score) as numeric(12, 6)) as p25
        from scored
        where not is_churned
    ),

    tiered as (
        select
            scored.*,
            case
                when score > p85 then 'High Value'
                when score >= p50 then 'Moderate Value'
                when score >= p25 then 'Low Value'
                else 'Churn Risk'
            end as tier
        from scored
        cross join bounds
    )
"""


def differences(connection: warehouse.Connection, ours: str, by_hand: str) -> list[warehouse.Row]:
    """Rows that only one of two queries gives, at most ten of each; both must give some."""
    together = f"{SCORED}, ours as ({ours}), by_hand as ({by_hand})"
    [found] = warehouse.fetch(
        connection,
        f"{together} select (select count(*) from ours) as ours,"
        " (select count(*) from by_hand) as by_hand",
    )
    assert found["ours"] == found["by_hand"] > 0
    return warehouse.fetch(
        connection,
        f"{together} (select 'only ours' as side, * from (table ours except table by_hand) as x"
        " limit 10) union all (select 'only by hand', * from (table by_hand except table ours)"
        " as x limit 10)",
    )
