{# Condition that a customer meets a rule of cfg_offer_rules: an empty column takes everybody (D-007). Names of relations. #}
{% macro matches_offer_rule(customer, rule) -%}
    {%- for column in [
        'plan_type', 'plan_level', 'is_senior_citizen', 'has_partner', 'has_dependents', 'has_multiple_lines',
        'has_tech_support', 'is_at_risk',
    ] %}
    {{ customer }}.{{ column }} = coalesce({{ rule }}.{{ column }}, {{ customer }}.{{ column }}) and
    {%- endfor %}
    {{ customer }}.value_tier_rank >= coalesce({{ rule }}.value_tier_rank_from, {{ customer }}.value_tier_rank)
    and {{ customer }}.value_tier_rank <= coalesce({{ rule }}.value_tier_rank_to, {{ customer }}.value_tier_rank)
    and {{ customer }}.monthly_bill_amount > coalesce({{ rule }}.monthly_bill_amount_above, -1)
    and {{ customer }}.tenure_months <= coalesce({{ rule }}.tenure_months_up_to, {{ customer }}.tenure_months)
{%- endmacro %}
