{# The two CLVs that look back are defined here and nowhere else (D-001). #}
with

customers as (

    select * from {{ ref('stg_nexasat__customers') }}

),

retention_factors as (

    select * from {{ ref('stg_config__retention_factors') }}

),

featured as (

    select
        customers.customer_id,
        customers.plan_level,
        customers.monthly_bill_amount,
        customers.tenure_months,
        customers.data_usage,
        customers.call_duration,
        case when customers.has_multiple_lines then 1 else 0 end
        + case when customers.has_tech_support then 1 else 0 end as service_count,
        cast(
            customers.monthly_bill_amount * customers.tenure_months as numeric(14, 2)
        ) as historical_clv,
        cast(
            customers.monthly_bill_amount * customers.tenure_months
            * retention_factors.retention_factor as numeric(14, 2)
        ) as proxy_clv,
        customers.is_churned

    from customers

    -- left: where a factor is missing the not-null of proxy_clv fails, and no customer is lost
    left join retention_factors
        on customers.is_churned = retention_factors.is_churned

)

select * from featured
