with

customer_segments as (

    select * from {{ ref('fct_customer_segments') }}

),

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

summed as (

    select
        coalesce(customer_segments.plan_key, 'All') as plan_key,
        coalesce(customer_segments.value_tier, 'All') as value_tier,
        count(*) as customers,
        count(*) filter (where customer_value.is_at_risk) as at_risk_customers,
        sum(customer_value.monthly_bill_amount) as mrr,
        sum(customer_value.churn_probability_12m) as expected_churners_12m,
        avg(customer_value.churn_probability_12m) as mean_churn_probability_12m,
        sum(
            customer_value.residual_clv_12m + customer_value.expected_loss_12m
        ) as certain_value_12m,
        sum(customer_value.residual_clv_12m) as residual_clv_12m

    from customer_segments

    inner join customer_value
        on customer_segments.customer_id = customer_value.customer_id

    group by cube (customer_segments.plan_key, customer_segments.value_tier)

),

rounded as (

    select
        plan_key,
        value_tier,
        customers,
        at_risk_customers,
        mean_churn_probability_12m,
        cast(coalesce(mrr, 0) as numeric(16, 2)) as mrr,
        cast(coalesce(expected_churners_12m, 0) as numeric(16, 2)) as expected_churners_12m,
        cast(coalesce(certain_value_12m, 0) as numeric(16, 2)) as certain_value_12m,
        cast(coalesce(residual_clv_12m, 0) as numeric(16, 2)) as residual_clv_12m

    from summed

),

lost as (

    select
        plan_key,
        value_tier,
        customers,
        at_risk_customers,
        mrr,
        expected_churners_12m,
        cast(mean_churn_probability_12m as numeric(9, 6)) as mean_churn_probability_12m,
        certain_value_12m,
        residual_clv_12m,
        cast(certain_value_12m - residual_clv_12m as numeric(16, 2)) as expected_loss_12m,
        cast(
            (certain_value_12m - residual_clv_12m) / nullif(certain_value_12m, 0)
            as numeric(9, 6)
        ) as expected_loss_share

    from rounded

)

select * from lost
