with

segments as (

    select * from {{ ref('dim_segments') }}

),

customers_tiered as (

    select * from {{ ref('int_customers_tiered') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

profiled as (

    select
        customers_tiered.value_tier,
        count(*) filter (where not customers.is_churned) as customers,
        count(*) as customers_scored,
        count(*) filter (where customers.is_churned) as churned_customers,
        sum(customers.monthly_bill_amount) filter (where not customers.is_churned) as mrr,
        avg(customers.monthly_bill_amount) filter (
            where not customers.is_churned
        ) as mean_monthly_bill_amount,
        avg(customers.tenure_months) filter (where not customers.is_churned) as mean_tenure_months,
        sum(customer_value.historical_clv) filter (
            where not customers.is_churned
        ) as historical_clv,
        count(*) filter (
            where not customers.is_churned and customers.has_tech_support
        ) as tech_support_customers,
        count(*) filter (
            where not customers.is_churned and customers.has_multiple_lines
        ) as multiple_lines_customers

    from customers_tiered

    inner join customers
        on customers_tiered.customer_id = customers.customer_id

    inner join customer_value
        on customers_tiered.customer_id = customer_value.customer_id

    group by customers_tiered.value_tier

),

described as (

    select
        segments.value_tier,
        segments.value_tier_rank,
        coalesce(profiled.customers, 0) as customers,
        cast(
            profiled.customers / nullif(sum(profiled.customers) over (), 0) as numeric(9, 6)
        ) as customer_share,
        coalesce(cast(profiled.mrr as numeric(16, 2)), 0) as mrr,
        cast(
            profiled.mrr / nullif(sum(profiled.mrr) over (), 0) as numeric(9, 6)
        ) as mrr_share,
        cast(profiled.mean_monthly_bill_amount as numeric(12, 2)) as mean_monthly_bill_amount,
        cast(profiled.mean_tenure_months as numeric(12, 2)) as mean_tenure_months,
        coalesce(cast(profiled.historical_clv as numeric(16, 2)), 0) as historical_clv,
        cast(
            profiled.historical_clv / nullif(profiled.customers, 0) as numeric(14, 2)
        ) as mean_historical_clv,
        cast(
            cast(profiled.tech_support_customers as numeric(18, 0))
            / nullif(profiled.customers, 0) as numeric(9, 6)
        ) as tech_support_rate,
        cast(
            cast(profiled.multiple_lines_customers as numeric(18, 0))
            / nullif(profiled.customers, 0) as numeric(9, 6)
        ) as multiple_lines_rate,
        coalesce(profiled.customers_scored, 0) as customers_scored,
        coalesce(profiled.churned_customers, 0) as churned_customers,
        cast(
            cast(profiled.churned_customers as numeric(18, 0))
            / nullif(profiled.customers_scored, 0) as numeric(9, 6)
        ) as churn_rate,
        segments.recommended_attention

    from segments

    left join profiled
        on segments.value_tier = profiled.value_tier

)

select * from described
