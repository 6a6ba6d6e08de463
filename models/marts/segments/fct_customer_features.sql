with

customers_featured as (

    select * from {{ ref('int_customers_featured') }}

),

active as (

    select
        customer_id,
        monthly_bill_amount,
        tenure_months,
        data_usage,
        call_duration

    from customers_featured

    where not is_churned

)

select * from active
