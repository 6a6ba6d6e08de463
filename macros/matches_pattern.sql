{#
  A regular expression without alternatives that the whole text must match; the operator differs between PostgreSQL
  and Spark. No group around the pattern: it would double the time.
#}
{% macro matches_pattern(column_name, pattern) -%}
    {{ column_name }} {{ 'rlike' if target.type == 'spark' else '~' }} '^{{ pattern }}$'
{%- endmacro %}
