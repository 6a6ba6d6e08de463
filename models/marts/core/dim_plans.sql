with

plans as (

    select * from {{ ref('stg_config__plans') }}

),

add_ons as (

    select * from {{ ref('stg_config__add_ons') }}

),

add_on_prices as (

    select
        max(monthly_price) filter (where add_on_key = 'tech_support') as tech_support_price,
        max(monthly_price) filter (where add_on_key = 'extra_line') as extra_line_price

    from add_ons

),

priced as (

    select
        plans.plan_key,
        plans.plan_type,
        plans.plan_level,
        plans.base_price,
        plans.minute_rate,
        plans.gigabyte_rate,
        case
            when plans.is_add_ons_included then cast(0 as numeric(12, 2))
            else add_on_prices.tech_support_price
        end as tech_support_price,
        case
            when plans.is_add_ons_included then cast(0 as numeric(12, 2))
            else add_on_prices.extra_line_price
        end as extra_line_price,
        plans.bill_decimals,
        plans.fitted_gigabytes,
        plans.is_add_ons_included,
        plans.lock_in_months,
        plans.price_source,
        plans.margin

    from plans

    cross join add_on_prices

)

select * from priced
