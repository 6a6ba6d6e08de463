with

customers as (

    select * from {{ ref('dim_customers') }}

),

summed as (

    select
        coalesce(plan_level, 'All') as plan_level,
        coalesce(plan_type, 'All') as plan_type,
        count(*) as customers,
        count(*) filter (where not is_churned) as active_customers,
        count(*) filter (where is_churned) as churned_customers,
        sum(monthly_bill_amount) as billed_amount_all,
        coalesce(sum(monthly_bill_amount) filter (where not is_churned), 0) as mrr,
        avg(monthly_bill_amount) as mean_bill_all,
        avg(monthly_bill_amount) filter (where not is_churned) as mean_bill_active,
        avg(tenure_months) as mean_tenure_all,
        avg(tenure_months) filter (where not is_churned) as mean_tenure_active,
        avg(call_duration) as mean_call_duration,
        avg(data_usage) as mean_data_usage

    from customers

    group by cube (plan_level, plan_type)

),

rounded as (

    select
        plan_level,
        plan_type,
        customers,
        active_customers,
        churned_customers,
        cast(
            cast(churned_customers as numeric(18, 0)) / nullif(customers, 0) as numeric(9, 6)
        ) as churn_rate,
        cast(coalesce(billed_amount_all, 0) as numeric(16, 2)) as billed_amount_all,
        cast(mrr as numeric(16, 2)) as mrr,
        cast(mean_bill_all as numeric(12, 2)) as mean_bill_all,
        cast(mean_bill_active as numeric(12, 2)) as mean_bill_active,
        cast(mean_tenure_all as numeric(12, 2)) as mean_tenure_all,
        cast(mean_tenure_active as numeric(12, 2)) as mean_tenure_active,
        cast(mean_call_duration as numeric(12, 2)) as mean_call_duration,
        cast(mean_data_usage as numeric(12, 2)) as mean_data_usage

    from summed

)

select * from rounded
