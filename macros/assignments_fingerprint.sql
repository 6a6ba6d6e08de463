{# The function is made by `create_ops_functions()`; `nexasat campaign` calls the same one. #}
{% macro assignments_fingerprint(campaign_name) -%}
    {{ generate_schema_name('ops', none) }}.assignments_fingerprint({{ campaign_name }})
{%- endmacro %}
