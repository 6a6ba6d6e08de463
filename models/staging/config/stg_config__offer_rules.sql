{{ config(pre_hook="{{ check_offer_rules(
    ref('cfg_offers'), ref('cfg_offer_rules'), ref('cfg_plans'), ref('cfg_add_ons'), ref('cfg_value_tiers')
) }}") }}
-- depends_on: {{ ref('cfg_offers') }}
-- depends_on: {{ ref('cfg_plans') }}
-- depends_on: {{ ref('cfg_add_ons') }}
-- depends_on: {{ ref('cfg_value_tiers') }}

with

cfg_offer_rules as (

    select * from {{ ref('cfg_offer_rules') }}

),

typed as (

    select
        offer_key,
        cast(rule_number as integer) as rule_number,
        plan_type,
        plan_level,
        cast(value_tier_rank_from as integer) as value_tier_rank_from,
        cast(value_tier_rank_to as integer) as value_tier_rank_to,
        is_senior_citizen,
        has_partner,
        has_dependents,
        has_multiple_lines,
        has_tech_support,
        cast(monthly_bill_amount_above as numeric(12, 2)) as monthly_bill_amount_above,
        cast(tenure_months_up_to as integer) as tenure_months_up_to,
        is_at_risk

    from cfg_offer_rules

)

select * from typed
