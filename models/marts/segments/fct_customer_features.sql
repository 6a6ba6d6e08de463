with

customers as (

    select * from {{ ref('dim_customers') }}

),

features as (

    select
        customer_id,
        {{ to_double('monthly_bill_amount') }} as monthly_bill_amount,
        {{ to_double('tenure_months') }} as tenure_months,
        {{ to_double('data_usage') }} as data_usage,
        {{ to_double('call_duration') }} as call_duration

    from customers

    where not is_churned

)

select * from features
