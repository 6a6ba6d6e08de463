{#
  Target `warehouse` uses a custom schema as it is, but builds marts aside, for `publish_release` to show; target `bi` reads
  what is shown; elsewhere schemas are prefixed, so that people cannot overwrite each other.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}
        {{ target.schema }}
    {%- elif target.name == 'warehouse' and custom_schema_name | trim == 'marts' -%}
        marts__next
    {%- elif target.name in ['warehouse', 'bi'] -%}
        {{ custom_schema_name | trim }}
    {%- else -%}
        {{ target.schema }}_{{ custom_schema_name | trim }}
    {%- endif -%}
{%- endmacro %}
