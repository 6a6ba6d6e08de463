{# A whole-text regular expression match; the operator differs between PostgreSQL and Spark. #}
{% macro matches_pattern(column_name, pattern) -%}
    {{ column_name }} {{ 'rlike' if target.type == 'spark' else '~' }} '^({{ pattern }})$'
{%- endmacro %}
