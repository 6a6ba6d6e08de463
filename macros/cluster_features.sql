{# What clusters can be made of: the columns of the features mart, each with its words in cfg_cluster_features. #}
{% macro cluster_features() -%}
    {{ return([
        'monthly_bill_amount', 'tenure_months', 'data_usage', 'call_duration', 'service_count', 'historical_clv', 'proxy_clv'
    ]) }}
{%- endmacro %}
