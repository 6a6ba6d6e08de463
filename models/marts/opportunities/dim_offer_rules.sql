{# The rules in words, so that a list says who is on it. #}
{% set flags = [
    ('is_senior_citizen', 'senior citizen', 'no senior citizen'),
    ('has_partner', 'with a partner', 'without a partner'),
    ('has_dependents', 'with dependents', 'without dependents'),
    ('has_multiple_lines', 'with an extra line', 'with one line'),
    ('has_tech_support', 'with tech support', 'without tech support'),
    ('is_at_risk', 'at risk of churn', 'not at risk of churn'),
] %}

with

offer_rules as (

    select * from {{ ref('stg_config__offer_rules') }}

),

segments as (

    select * from {{ ref('dim_segments') }}

),

first_tiers as (

    select
        value_tier as first_tier,
        value_tier_rank as first_rank

    from segments

),

last_tiers as (

    select
        value_tier as last_tier,
        value_tier_rank as last_rank,
        max(value_tier_rank) over () as lowest_rank

    from segments

),

bounded as (

    select
        offer_rules.*,
        case
            when first_tiers.first_rank = last_tiers.last_rank then first_tiers.first_tier
            else first_tiers.first_tier || ' to ' || last_tiers.last_tier
        end as tiers

    from offer_rules

    left join first_tiers
        on
            coalesce(offer_rules.value_tier_rank_from, 1) = first_tiers.first_rank
            and coalesce(
                offer_rules.value_tier_rank_from, offer_rules.value_tier_rank_to
            ) is not null

    left join last_tiers
        on
            coalesce(offer_rules.value_tier_rank_to, last_tiers.lowest_rank)
            = last_tiers.last_rank

),

worded as (

    select
        offer_key,
        rule_number,
        {% for column, yes, no in flags %}
            case
                when {{ column }} then '{{ yes }}'
                when not {{ column }} then '{{ no }}'
            end as {{ column }}_words,
        {% endfor %}
        plan_level,
        plan_type,
        'tier ' || tiers as tier_words,
        'billed over ' || monthly_bill_amount_above || ' a month' as bill_words,
        'at most ' || tenure_months_up_to || ' months of tenure' as tenure_words

    from bounded

),

joined as (

    select
        offer_key,
        rule_number,
        coalesce(nullif(concat_ws(
            ', ',
            plan_level,
            plan_type,
            tier_words,
            is_senior_citizen_words,
            has_partner_words,
            has_dependents_words,
            has_multiple_lines_words,
            has_tech_support_words,
            is_at_risk_words,
            bill_words,
            tenure_words
        ), ''), 'everybody') as rule_words

    from worded

)

select * from joined
