with

plans as (

    select * from {{ ref('stg_config__plans') }}

),

listed as (

    select
        plan_key,
        plan_type,
        plan_level,
        base_price,
        minute_rate,
        gigabyte_rate,
        tech_support_price,
        extra_line_price,
        is_add_ons_included,
        lock_in_months,
        price_source,
        margin

    from plans

)

select * from listed
