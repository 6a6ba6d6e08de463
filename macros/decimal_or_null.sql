{# The text as numeric(12, 2), null when it is anything else: no `NaN`, `1,234.5`, `1e3`, and no third decimal that a cast would round away unseen. #}
{% macro decimal_or_null(column_name) -%}
    case
        when {{ matches_pattern(column_name, '[+-]?[0-9]{1,9}([.][0-9]{1,2})?') }}
            then cast({{ column_name }} as numeric(12, 2))
    end
{%- endmacro %}
