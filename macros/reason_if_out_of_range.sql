{# Why a number was refused that could be read: negative, or over maximum_<column>; null when it is fine. #}
{% macro reason_if_out_of_range(column_name) -%}
    case
        when {{ column_name }} < 0 then '{{ column_name }} is negative'
        when {{ column_name }} > maximum_{{ column_name }}
            then '{{ column_name }} is over ' || maximum_{{ column_name }}
    end
{%- endmacro %}
