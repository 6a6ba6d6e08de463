{# The score of D-002, to two decimals: the weights of one relation on the columns of another. #}
{% macro clv_score(weights, customer) -%}
    cast(
        {{ weights }}.bill_weight * {{ customer }}.monthly_bill_amount
        + {{ weights }}.tenure_weight * {{ customer }}.tenure_months
        + {{ weights }}.call_weight * {{ customer }}.call_duration
        + {{ weights }}.data_weight * {{ customer }}.data_usage
        + {{ weights }}.premium_weight * {{ customer }}.premium_flag
        as numeric(10, 2)
    )
{%- endmacro %}
