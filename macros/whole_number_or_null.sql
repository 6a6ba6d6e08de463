{# The text as an integer, null when it is anything else: no `1e3`, `0x1A`, `1_000` or ` 5`, all of which PostgreSQL itself would read. #}
{% macro whole_number_or_null(column_name) -%}
    case
        when {{ matches_pattern(column_name, '[+-]?[0-9]{1,9}') }}
            then cast({{ column_name }} as integer)
    end
{%- endmacro %}
