with

customers as (

    select * from {{ ref('dim_customers') }}

),

customers_scored as (

    select * from {{ ref('int_customers_scored') }}

),

retention_factors as (

    select * from {{ ref('stg_config__retention_factors') }}

),

valued as (

    select
        customers.customer_id,
        customers.is_churned,
        customers.monthly_bill_amount,
        customers.tenure_months,
        cast(
            customers.monthly_bill_amount * customers.tenure_months as numeric(14, 2)
        ) as historical_clv,
        cast(
            customers.monthly_bill_amount * customers.tenure_months
            * retention_factors.retention_factor as numeric(14, 2)
        ) as proxy_clv,
        case when not customers.is_churned then customers_scored.clv_score end as clv_score,
        case
            when not customers.is_churned then customers_scored.clv_score_scaled
        end as clv_score_scaled

    from customers

    inner join customers_scored
        on customers.customer_id = customers_scored.customer_id

    -- left: where a factor is missing the not-null of proxy_clv fails, and no customer is lost
    left join retention_factors
        on customers.is_churned = retention_factors.is_churned

)

select * from valued
