{#
  The first hexadecimal digit of a hash of the id deals customers into sixteen folds, the same in every
  build. A table: the judged stratifications read it many times (D-017).
#}
{{ config(materialized='table') }}

with

customers as (

    select * from {{ ref('stg_nexasat__customers') }}

),

customers_tiered as (

    select * from {{ ref('int_customers_tiered') }}

),

bands as (

    select * from {{ ref('stg_config__bands') }}

),

counted as (

    select
        substr(md5(customers.customer_id), 1, 1) as fold,
        customers.plan_key,
        bands.band_label as usage_band,
        customers_tiered.value_tier,
        customers.tenure_months,
        customers.is_churned,
        count(*) as customers

    from customers

    inner join customers_tiered
        on customers.customer_id = customers_tiered.customer_id

    inner join bands
        on
            bands.band_type = 'usage'
            and {{ is_within_band('customers.data_usage', 'bands') }}

    group by
        substr(md5(customers.customer_id), 1, 1),
        customers.plan_key,
        bands.band_label,
        customers_tiered.value_tier,
        customers.tenure_months,
        customers.is_churned

)

select * from counted
