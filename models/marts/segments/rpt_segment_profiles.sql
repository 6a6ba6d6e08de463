with

segments as (

    select * from {{ ref('dim_segments') }}

),

customers_tiered as (

    select * from {{ ref('int_customers_tiered') }}

),

customer_segments as (

    select * from {{ ref('fct_customer_segments') }}

),

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

profiled as (

    select
        customer_segments.value_tier,
        count(*) as customers,
        sum(customer_value.monthly_bill_amount) as mrr,
        avg(customer_value.monthly_bill_amount) as mean_monthly_bill_amount,
        avg(customer_value.tenure_months) as mean_tenure_months,
        sum(customer_value.historical_clv) as historical_clv,
        sum(customer_value.residual_clv_12m) as residual_clv_12m,
        sum(customer_value.residual_clv_24m) as residual_clv_24m,
        sum(customer_value.residual_clv_36m) as residual_clv_36m,
        avg(customer_value.churn_probability_12m) as mean_churn_probability_12m,
        count(*) filter (where customer_value.is_at_risk) as at_risk_customers,
        count(*) filter (where customer_segments.has_tech_support) as tech_support_customers,
        count(*) filter (where customer_segments.has_multiple_lines) as multiple_lines_customers

    from customer_segments

    inner join customer_value
        on customer_segments.customer_id = customer_value.customer_id

    group by customer_segments.value_tier

),

churned as (

    select
        value_tier,
        count(*) as customers_scored,
        count(*) filter (where is_churned) as churned_customers

    from customers_tiered

    group by value_tier

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
        coalesce(cast(profiled.residual_clv_12m as numeric(16, 2)), 0) as residual_clv_12m,
        coalesce(cast(profiled.residual_clv_24m as numeric(16, 2)), 0) as residual_clv_24m,
        coalesce(cast(profiled.residual_clv_36m as numeric(16, 2)), 0) as residual_clv_36m,
        cast(profiled.mean_churn_probability_12m as numeric(9, 6)) as mean_churn_probability_12m,
        coalesce(profiled.at_risk_customers, 0) as at_risk_customers,
        cast(
            cast(profiled.tech_support_customers as numeric(18, 0))
            / nullif(profiled.customers, 0) as numeric(9, 6)
        ) as tech_support_rate,
        cast(
            cast(profiled.multiple_lines_customers as numeric(18, 0))
            / nullif(profiled.customers, 0) as numeric(9, 6)
        ) as multiple_lines_rate,
        coalesce(churned.customers_scored, 0) as customers_scored,
        coalesce(churned.churned_customers, 0) as churned_customers,
        cast(
            cast(churned.churned_customers as numeric(18, 0))
            / nullif(churned.customers_scored, 0) as numeric(9, 6)
        ) as churn_rate,
        segments.recommended_attention

    from segments

    left join profiled
        on segments.value_tier = profiled.value_tier

    left join churned
        on segments.value_tier = churned.value_tier

)

select * from described
