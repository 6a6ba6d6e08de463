with

customer_segments as (

    select * from {{ ref('fct_customer_segments') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

profiled as (

    select
        customer_segments.cluster_id,
        customer_segments.cluster_name,
        count(*) as customers,
        sum(customers.monthly_bill_amount) as mrr,
        sum(customer_value.historical_clv) as historical_clv,
        avg(customers.monthly_bill_amount) as mean_monthly_bill_amount,
        percentile_cont(0.5) within group (
            order by customers.monthly_bill_amount
        ) as median_monthly_bill_amount,
        avg(customers.tenure_months) as mean_tenure_months,
        percentile_cont(0.5) within group (
            order by customers.tenure_months
        ) as median_tenure_months,
        avg(customers.data_usage) as mean_data_usage,
        percentile_cont(0.5) within group (order by customers.data_usage) as median_data_usage,
        avg(customers.call_duration) as mean_call_duration,
        percentile_cont(0.5) within group (
            order by customers.call_duration
        ) as median_call_duration,
        count(*) filter (where customers.plan_level = 'Premium') as premium_customers,
        count(*) filter (where customers.plan_type = 'Prepaid') as prepaid_customers

    from customer_segments

    inner join customers
        on customer_segments.customer_id = customers.customer_id

    inner join customer_value
        on customer_segments.customer_id = customer_value.customer_id

    where customer_segments.cluster_id is not null

    group by
        customer_segments.cluster_id,
        customer_segments.cluster_name

),

rounded as (

    select
        cluster_id,
        cluster_name,
        customers,
        cast(customers / sum(customers) over () as numeric(9, 6)) as customer_share,
        cast(mrr as numeric(16, 2)) as mrr,
        cast(historical_clv as numeric(16, 2)) as historical_clv,
        cast(mean_monthly_bill_amount as numeric(12, 2)) as mean_monthly_bill_amount,
        cast(median_monthly_bill_amount as numeric(12, 2)) as median_monthly_bill_amount,
        cast(mean_tenure_months as numeric(12, 2)) as mean_tenure_months,
        cast(median_tenure_months as numeric(12, 2)) as median_tenure_months,
        cast(mean_data_usage as numeric(12, 2)) as mean_data_usage,
        cast(median_data_usage as numeric(12, 2)) as median_data_usage,
        cast(mean_call_duration as numeric(12, 2)) as mean_call_duration,
        cast(median_call_duration as numeric(12, 2)) as median_call_duration,
        cast(
            cast(premium_customers as numeric(18, 0)) / customers as numeric(9, 6)
        ) as premium_share,
        cast(
            cast(prepaid_customers as numeric(18, 0)) / customers as numeric(9, 6)
        ) as prepaid_share

    from profiled

)

select * from rounded
