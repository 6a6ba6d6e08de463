with

customers as (

    select * from {{ ref('stg_nexasat__customers') }}

),

tenure_bands as (

    select * from {{ ref('stg_config__bands') }}

    where band_type = 'tenure'

),

usage_bands as (

    select * from {{ ref('stg_config__bands') }}

    where band_type = 'usage'

),

loads as (

    select * from {{ ref('stg_nexasat__loads') }}

),

banded as (

    select
        ---------- ids
        customers.customer_id,
        customers.plan_key,

        ---------- strings
        customers.gender,
        customers.plan_type,
        customers.plan_level,
        tenure_bands.band_label as tenure_band,
        usage_bands.band_label as usage_band,

        ---------- numerics
        customers.monthly_bill_amount,
        customers.tenure_months,
        customers.call_duration,
        customers.data_usage,

        ---------- booleans
        customers.is_senior_citizen,
        customers.has_partner,
        customers.has_dependents,
        customers.has_multiple_lines,
        customers.has_tech_support,
        customers.is_churned,

        ---------- dates
        loads.extract_date as snapshot_date

    from customers

    cross join loads

    inner join tenure_bands
        on {{ is_within_band('customers.tenure_months', 'tenure_bands') }}

    inner join usage_bands
        on {{ is_within_band('customers.data_usage', 'usage_bands') }}

)

select * from banded
