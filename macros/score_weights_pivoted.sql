{# The weights of the score side by side, to be selected from `stg_config__score_weights`. #}
{% macro score_weights_pivoted() -%}
    {%- set columns = {
        'monthly_bill_amount': 'bill_weight',
        'tenure_months': 'tenure_weight',
        'call_duration': 'call_weight',
        'data_usage': 'data_weight',
        'is_premium': 'premium_weight'
    } -%}
    {%- for component, name in columns.items() %}
    max(weight) filter (where component = '{{ component }}') as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
