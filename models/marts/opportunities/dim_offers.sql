with

offers as (

    select * from {{ ref('stg_config__offers') }}

),

plans as (

    select * from {{ ref('stg_config__plans') }}

),

based as (

    select
        offers.offer_key,
        offers.offer_name,
        offers.offer_kind,
        offers.offer_rank,
        offers.is_published_list,
        offers.target_plan_key,
        offers.add_on_key,
        offers.discount_rate,
        offers.discount_months,
        offers.contact_cost,
        offers.acceptance_rate,
        offers.avoided_churn_share,
        case
            when offers.value_basis is not null then offers.value_basis
            when plans.price_source = 'inferred' then 'inferred_tariff'
            else 'price_card'
        end as value_basis,
        offers.assumption,
        offers.offer_text

    from offers

    left join plans
        on offers.target_plan_key = plans.plan_key

)

select * from based
