{# A part of a release built by itself stands among views of the live one, to which no key can point (D-043). #}
{% macro is_foreign_key_to_view(constraint) -%}
    {%- if constraint['type'] != 'foreign_key' -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set path = constraint['to'].replace('"', '').split('.') -%}
    {%- set found = adapter.get_relation(database=path[0], schema=path[1], identifier=path[2]) -%}
    {{ return(found is not none and found.is_view) }}
{%- endmacro %}
