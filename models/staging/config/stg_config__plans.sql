with

cfg_plans as (

    select * from {{ ref('cfg_plans') }}

),

typed as (

    select
        plan_key,
        plan_type,
        plan_level,
        cast(base_price as numeric(12, 2)) as base_price,
        cast(minute_rate as numeric(12, 2)) as minute_rate,
        cast(gigabyte_rate as numeric(12, 2)) as gigabyte_rate,
        cast(bill_decimals as integer) as bill_decimals,
        cast(fitted_gigabytes as numeric(12, 2)) as fitted_gigabytes,
        includes_add_ons as is_add_ons_included,
        cast(lock_in_months as integer) as lock_in_months,
        price_source,
        cast(margin as numeric(5, 4)) as margin

    from cfg_plans

)

select * from typed
