{# The score lies in the tier; both of its ends say whether they belong to it, and an end without a percentile is open (D-002). #}
{% macro is_within_tier(score, tier) -%}
    (
        {{ tier }}.lower_percentile is null
        or {{ score }} > {{ tier }}.lower_clv_score
        or ({{ tier }}.is_lower_included and {{ score }} = {{ tier }}.lower_clv_score)
    )
    and (
        {{ tier }}.upper_percentile is null
        or {{ score }} < {{ tier }}.upper_clv_score
        or ({{ tier }}.is_upper_included and {{ score }} = {{ tier }}.upper_clv_score)
    )
{%- endmacro %}
