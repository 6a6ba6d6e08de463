{# The published rule summed by plan is the sum over customers. #}
with

value_rules as (

    select * from {{ ref('rpt_residual_value_rules') }}

),

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

published as (

    select coalesce(sum(residual_clv_24m), 0) as residual_clv_24m

    from value_rules

    where
        is_published
        and plan_key = 'All'

),

of_customers as (

    select coalesce(sum(residual_clv_24m), 0) as residual_clv_24m

    from customer_value

),

mismatched as (

    select
        published.residual_clv_24m,
        of_customers.residual_clv_24m as residual_clv_of_customers

    from published

    cross join of_customers

    where (abs(published.residual_clv_24m - of_customers.residual_clv_24m) <= 0.01) is not true

)

select * from mismatched
