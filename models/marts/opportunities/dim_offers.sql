with

offers as (

    select * from {{ ref('stg_config__offers') }}

),

listed as (

    select
        offer_key,
        offer_name,
        offer_kind,
        offer_rank,
        is_published,
        target_plan_key,
        add_on_key,
        discount_rate,
        discount_months,
        contact_cost,
        acceptance_rate,
        avoided_churn_share,
        value_basis,
        assumption,
        offer_text

    from offers

)

select * from listed
