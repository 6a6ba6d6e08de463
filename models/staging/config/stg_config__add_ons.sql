with

cfg_add_ons as (

    select * from {{ ref('cfg_add_ons') }}

),

typed as (

    select
        add_on_key,
        add_on_name,
        cast(monthly_price as numeric(12, 2)) as monthly_price,
        price_source

    from cfg_add_ons

)

select * from typed
