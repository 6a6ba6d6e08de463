{#
  A query with what the live release holds of this model, without rows before the first: a history is last release's rows
  and those of the extract in force, so a build that is not published leaves no trace in it (D-044). A column that is newer
  than a row is null in it.
#}
{% macro history_so_far() -%}
    {%- set kept = this -%}
    {%- if not execute -%}
    select *
    {%- else -%}
        {%- set kept = adapter.get_relation(target.database, published_schema() | trim, this.identifier) -%}
        {%- set there = adapter.get_columns_in_relation(kept) | map(attribute='name') | list if kept else [] -%}
    select
        {%- for column in model['columns'].values() %}
        {{ column['name'] if column['name'] in there else 'cast(null as ' ~ column['data_type'] ~ ')' }}
        {#- #} as {{ column['name'] }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- endif %}
    {%- if kept %}
    from {{ kept }}
        {%- for day in var('forgotten_extracts') %}
    {{ 'where' if loop.first else 'and' }} extract_date != cast('{{ day }}' as date)
        {%- endfor %}
    {%- else %}
    limit 0
    {%- endif -%}
{%- endmacro %}
