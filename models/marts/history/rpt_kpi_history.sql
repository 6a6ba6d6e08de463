with

customer_history as (

    select * from {{ ref('fct_customer_history') }}

),

value_tier_history as (

    select * from {{ ref('fct_value_tier_history') }}

),

segment_migrations as (

    select * from {{ ref('fct_segment_migrations') }}

),

extracts as (

    select
        extract_date,
        load_id

    from value_tier_history

    group by
        extract_date,
        load_id

),

summed as (

    select
        extract_date,
        count(*) as customers,
        count(*) filter (where not is_churned) as active_customers,
        sum(monthly_bill_amount) filter (where not is_churned) as mrr,
        sum(historical_clv) filter (where not is_churned) as historical_clv,
        sum(residual_clv_24m) as residual_clv_24m

    from customer_history

    group by extract_date

),

moved as (

    select
        extract_date,
        count(*) filter (where migration_reason = 'entered') as entered_customers,
        count(*) filter (where migration_reason = 'left') as left_customers,
        count(*) filter (where tiers_gained > 0) as risen_customers,
        count(*) filter (where tiers_gained < 0) as fallen_customers

    from segment_migrations

    group by extract_date

),

reported as (

    select
        extracts.extract_date,
        extracts.load_id,
        coalesce(summed.customers, 0) as customers,
        coalesce(summed.active_customers, 0) as active_customers,
        coalesce(summed.customers - summed.active_customers, 0) as churned_customers,
        cast(
            cast(summed.customers - summed.active_customers as numeric(18, 0))
            / summed.customers as numeric(9, 6)
        ) as churn_rate,
        cast(coalesce(summed.mrr, 0) as numeric(16, 2)) as mrr,
        cast(
            summed.mrr / nullif(summed.active_customers, 0) as numeric(12, 2)
        ) as mean_bill_active,
        cast(coalesce(summed.historical_clv, 0) as numeric(16, 2)) as historical_clv,
        cast(coalesce(summed.residual_clv_24m, 0) as numeric(16, 2)) as residual_clv_24m,
        coalesce(moved.entered_customers, 0) as entered_customers,
        coalesce(moved.left_customers, 0) as left_customers,
        coalesce(moved.risen_customers, 0) as risen_customers,
        coalesce(moved.fallen_customers, 0) as fallen_customers

    from extracts

    left join summed
        on extracts.extract_date = summed.extract_date

    left join moved
        on extracts.extract_date = moved.extract_date

)

select * from reported
