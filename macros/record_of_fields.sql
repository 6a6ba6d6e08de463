{# A delivered record put together again from its trimmed fields, in the order of the published file and quoted as CSV is. #}
{% macro record_of_fields(relation_name) -%}
    concat_ws(
        ','
        {%- for column in extract_columns() %}
        {%- set field = relation_name ~ '.' ~ column %},
        case
            when {{ field }} like '%,%' or {{ field }} like '%"%' or {{ field }} like '%' || chr(10) || '%'
                then '"' || replace({{ field }}, '"', '""') || '"'
            else coalesce({{ field }}, '')
        end
        {%- endfor %}
    )
{%- endmacro %}
