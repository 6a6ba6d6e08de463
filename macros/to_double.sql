{# Spark spells the type `double`, PostgreSQL `double precision`; this is the one place that knows. #}
{% macro to_double(expression) -%}
    cast({{ expression }} as {{ 'double' if target.type == 'spark' else 'double precision' }})
{%- endmacro %}
