{# The measured columns of a customer: the ones that can lie outside. #}
{% macro outlier_columns() -%}
    {{ return(['monthly_bill_amount', 'tenure_months', 'call_duration', 'data_usage']) }}
{%- endmacro %}
