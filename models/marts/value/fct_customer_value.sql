with

customers as (

    select * from {{ ref('dim_customers') }}

),

customers_scored as (

    select * from {{ ref('int_customers_scored') }}

),

tenures_valued as (

    select * from {{ ref('int_tenures_valued') }}

),

valued as (

    select
        customers.customer_id,
        customers.is_churned,
        customers.monthly_bill_amount,
        customers.tenure_months,
        customers_scored.historical_clv,
        customers_scored.proxy_clv,
        case when not customers.is_churned then customers_scored.clv_score end as clv_score,
        case
            when not customers.is_churned then customers_scored.clv_score_scaled
        end as clv_score_scaled,
        cast(
            tenures_valued.margin * customers.monthly_bill_amount
            * case when customers.is_churned then 0 else tenures_valued.expected_months_12m end
            as numeric(24, 12)
        ) as residual_clv_12m,
        cast(
            tenures_valued.margin * customers.monthly_bill_amount
            * case when customers.is_churned then 0 else tenures_valued.expected_months_24m end
            as numeric(24, 12)
        ) as residual_clv_24m,
        cast(
            tenures_valued.margin * customers.monthly_bill_amount
            * case when customers.is_churned then 0 else tenures_valued.expected_months_36m end
            as numeric(24, 12)
        ) as residual_clv_36m,
        case
            when not customers.is_churned then tenures_valued.churn_probability_3m
        end as churn_probability_3m,
        case
            when not customers.is_churned then tenures_valued.churn_probability_12m
        end as churn_probability_12m,
        cast(
            case when customers.is_churned then 0 else tenures_valued.expected_months_3m end
            as numeric(16, 12)
        ) as expected_months_3m,
        cast(
            case when customers.is_churned then 0 else tenures_valued.expected_months_24m end
            as numeric(16, 12)
        ) as expected_months_24m,
        cast(
            tenures_valued.margin * customers.monthly_bill_amount
            * case when customers.is_churned then 0 else tenures_valued.lost_months_12m end
            as numeric(24, 12)
        ) as expected_loss_12m,
        case
            when not customers.is_churned then tenures_valued.extrapolated_share
        end as extrapolated_share,
        not customers.is_churned and tenures_valued.is_at_risk as is_at_risk

    from customers

    inner join customers_scored
        on customers.customer_id = customers_scored.customer_id

    inner join tenures_valued
        on
            customers.plan_key = tenures_valued.plan_key
            and customers.usage_band = tenures_valued.usage_band
            and customers.tenure_months = tenures_valued.tenure_months

)

select * from valued
