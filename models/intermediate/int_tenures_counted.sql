{# A few hundred rows in place of all customers: all curves and hazards come from them (D-004). #}
{{ config(materialized='table') }}

with

customers as (

    select * from {{ ref('stg_nexasat__customers') }}

),

bands as (

    select * from {{ ref('stg_config__bands') }}

),

counted as (

    select
        customers.plan_key,
        customers.plan_type,
        customers.plan_level,
        bands.band_label as usage_band,
        customers.tenure_months,
        customers.is_churned,
        count(*) as customers,
        sum(customers.monthly_bill_amount) as bill_total,
        var_pop({{ to_double('customers.monthly_bill_amount') }}) as bill_variance

    from customers

    inner join bands
        on
            bands.band_type = 'usage'
            and {{ is_within_band('customers.data_usage', 'bands') }}

    group by
        customers.plan_key,
        customers.plan_type,
        customers.plan_level,
        bands.band_label,
        customers.tenure_months,
        customers.is_churned

)

select * from counted
