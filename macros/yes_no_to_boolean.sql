{# Yes/No or 1/0 text, in any case, to a boolean; anything else becomes null. #}
{% macro yes_no_to_boolean(column_name) -%}
    case lower({{ column_name }})
        when 'yes' then true
        when '1' then true
        when 'no' then false
        when '0' then false
    end
{%- endmacro %}
