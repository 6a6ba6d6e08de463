{# Why a field was refused: missing, or not what it must be. Needs the cast column and its text as <column>_text; null when the field is fine. #}
{% macro reason_unless_readable(column_name, expectation) -%}
    case
        when {{ column_name }} is not null then null
        when {{ column_name }}_text is null then '{{ column_name }} is missing'
        else '{{ column_name }} ''' || left({{ column_name }}_text, 40) || ''' is not {{ expectation }}'
    end
{%- endmacro %}
