{# A delivered record put together again from its trimmed fields, in the order of the published file. #}
{% macro record_of_fields(relation_name) -%}
    concat_ws(
        ',',
        {%- for column in extract_columns() %}
        coalesce({{ relation_name }}.{{ column }}, ''){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
