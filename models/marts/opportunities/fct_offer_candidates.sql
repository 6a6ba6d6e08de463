{#
  A rule is a row: all its filled columns must hold; the rules of one offer are alternatives (D-007).
#}
with

customer_segments as (

    select * from {{ ref('fct_customer_segments') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

offer_rules as (

    select * from {{ ref('stg_config__offer_rules') }}

),

offers as (

    select * from {{ ref('dim_offers') }}

),

active_customers as (

    select
        customers.customer_id,
        customers.plan_key,
        customers.plan_type,
        customers.plan_level,
        customer_segments.value_tier,
        customer_segments.value_tier_rank,
        customers.is_senior_citizen,
        customers.has_partner,
        customers.has_dependents,
        customers.has_multiple_lines,
        customers.has_tech_support,
        customers.monthly_bill_amount,
        customers.tenure_months,
        customer_value.historical_clv,
        customer_value.churn_probability_12m

    from customer_segments

    inner join customers
        on customer_segments.customer_id = customers.customer_id

    inner join customer_value
        on customer_segments.customer_id = customer_value.customer_id

),

matched as (

    select
        active_customers.customer_id,
        offer_rules.offer_key,
        active_customers.plan_key,
        active_customers.value_tier,
        active_customers.monthly_bill_amount,
        active_customers.tenure_months,
        active_customers.historical_clv,
        active_customers.churn_probability_12m,
        row_number() over (
            partition by active_customers.customer_id, offer_rules.offer_key
            order by offer_rules.rule_number asc
        ) as match_number

    from active_customers

    inner join offer_rules
        on
            active_customers.plan_type
            = coalesce(offer_rules.plan_type, active_customers.plan_type)
            and active_customers.plan_level
            = coalesce(offer_rules.plan_level, active_customers.plan_level)
            and active_customers.value_tier_rank
            >= coalesce(offer_rules.value_tier_rank_from, active_customers.value_tier_rank)
            and active_customers.value_tier_rank
            <= coalesce(offer_rules.value_tier_rank_to, active_customers.value_tier_rank)
            and active_customers.is_senior_citizen
            = coalesce(offer_rules.is_senior_citizen, active_customers.is_senior_citizen)
            and active_customers.has_partner
            = coalesce(offer_rules.has_partner, active_customers.has_partner)
            and active_customers.has_dependents
            = coalesce(offer_rules.has_dependents, active_customers.has_dependents)
            and active_customers.has_multiple_lines
            = coalesce(offer_rules.has_multiple_lines, active_customers.has_multiple_lines)
            and active_customers.has_tech_support
            = coalesce(offer_rules.has_tech_support, active_customers.has_tech_support)
            and active_customers.monthly_bill_amount
            > coalesce(offer_rules.monthly_bill_amount_above, -1)
            and active_customers.tenure_months
            <= coalesce(offer_rules.tenure_months_up_to, active_customers.tenure_months)

),

candidates as (

    select
        matched.customer_id,
        matched.offer_key,
        offers.offer_kind,
        matched.plan_key,
        matched.value_tier,
        matched.monthly_bill_amount,
        matched.tenure_months,
        matched.historical_clv,
        matched.churn_probability_12m

    from matched

    inner join offers
        on matched.offer_key = offers.offer_key

    where matched.match_number = 1

)

select * from candidates
