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
