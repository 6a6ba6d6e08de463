{# The delivered record put together again from its trimmed fields, for rows that are refused. Reads the <column>_text columns. #}
{% macro record_of_fields() -%}
    concat_ws(
        ',',
        {%- for column in extract_columns() %}
        coalesce({{ column }}_text, ''){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
