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

worded as (

    select
        offer_rules.offer_key,
        offer_rules.rule_number,
        coalesce(nullif(concat_ws(
            ', ',
            offer_rules.plan_level,
            offer_rules.plan_type,
            'tier ' || first_tiers.value_tier
            || case
                when first_tiers.value_tier_rank = last_tiers.value_tier_rank then ''
                else ' to ' || last_tiers.value_tier
            end,
            {% for column, yes, no in flags %}
                case
                    when offer_rules.{{ column }} then '{{ yes }}'
                    when not offer_rules.{{ column }} then '{{ no }}'
                end,
            {% endfor %}
            'billed over ' || offer_rules.monthly_bill_amount_above || ' a month',
            'at most ' || offer_rules.tenure_months_up_to || ' months of tenure'
        ), ''), 'everybody') as rule_words

    from offer_rules

    left join segments as first_tiers
        on
            coalesce(offer_rules.value_tier_rank_from, 1) = first_tiers.value_tier_rank
            and coalesce(offer_rules.value_tier_rank_from, offer_rules.value_tier_rank_to) is not null

    left join segments as last_tiers
        on coalesce(
            offer_rules.value_tier_rank_to, (select max(value_tier_rank) from segments)
        ) = last_tiers.value_tier_rank

)

select * from worded
