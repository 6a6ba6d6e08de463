{#
  dbt's own truncates a seed's table and keeps its columns, so that a warehouse of an older version stops at the first new
  column. Here the table is made anew when its columns or types are no longer those of the file.
#}
{% macro postgres__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set wanted = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- do wanted.append(name ~ ' ' ~ types.get(name, '') | replace(' ', '')) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for column in adapter.get_columns_in_relation(old_relation) -%}
        {%- do found.append(column.name ~ ' ' ~ (column.data_type | replace(' ', '') if column.name in types else '')) -%}
    {%- endfor -%}
    {{ return(default__reset_csv_table(model, full_refresh or wanted != found, old_relation, agate_table)) }}
{%- endmacro %}
