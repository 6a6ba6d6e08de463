{# The one list of the extract's columns, in the order of the published file. #}
{% macro extract_columns() -%}
    {{ return([
        'customer_id', 'gender', 'partner', 'dependents', 'senior_citizen', 'call_duration',
        'data_usage', 'plan_type', 'plan_level', 'monthly_bill_amount', 'tenure_months',
        'multiple_lines', 'tech_support', 'churn',
    ]) }}
{%- endmacro %}
