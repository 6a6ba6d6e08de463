with

customers as (

    select * from {{ ref('dim_customers') }}

),

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

customer_segments as (

    select * from {{ ref('fct_customer_segments') }}

),

value_tier_history as (

    select * from {{ ref('fct_value_tier_history') }}

),

loads as (

    select * from {{ ref('stg_nexasat__loads') }}

),

last_history as (

    {{ history_so_far() }}

),

extracts as (

    select
        value_tier_history.extract_date,
        value_tier_history.load_id,
        max(loads.load_id) is not null as is_in_force

    from value_tier_history

    left join loads
        on
            value_tier_history.extract_date = loads.extract_date
            and value_tier_history.load_id = loads.load_id

    group by
        value_tier_history.extract_date,
        value_tier_history.load_id

),

joined as (

    select
        extracts.extract_date,
        customers.customer_id,
        extracts.load_id,
        customers.plan_key,
        customers.plan_level,
        customer_segments.value_tier,
        customer_segments.value_tier_rank,
        customers.monthly_bill_amount,
        customers.tenure_months,
        customers.call_duration,
        customers.data_usage,
        customer_value.clv_score,
        customer_value.historical_clv,
        customer_value.residual_clv_24m,
        customer_value.churn_probability_12m,
        customers.has_multiple_lines,
        customers.has_tech_support,
        customers.is_churned

    from customers

    inner join extracts
        on extracts.is_in_force

    inner join customer_value
        on customers.customer_id = customer_value.customer_id

    left join customer_segments
        on customers.customer_id = customer_segments.customer_id

    union all

    select
        last_history.extract_date,
        last_history.customer_id,
        last_history.load_id,
        last_history.plan_key,
        last_history.plan_level,
        last_history.value_tier,
        last_history.value_tier_rank,
        last_history.monthly_bill_amount,
        last_history.tenure_months,
        last_history.call_duration,
        last_history.data_usage,
        last_history.clv_score,
        last_history.historical_clv,
        last_history.residual_clv_24m,
        last_history.churn_probability_12m,
        last_history.has_multiple_lines,
        last_history.has_tech_support,
        last_history.is_churned

    from last_history

    inner join extracts
        on
            last_history.extract_date = extracts.extract_date
            and last_history.load_id = extracts.load_id
            and not extracts.is_in_force

)

select * from joined
