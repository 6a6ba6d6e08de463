{# The schema whose marts people read: `marts`; where nothing is built aside, the one they are built in. #}
{% macro published_schema() -%}
    {{ 'marts' if target.name == 'warehouse' else generate_schema_name('marts', none) }}
{%- endmacro %}
