{# Runs the SQL that a macro renders: `dbt run-operation run_query_of --args '{macro_name: create_raw_tables}'`. #}
{% macro run_query_of(macro_name) -%}
    {%- do run_query(context[macro_name]()) -%}
{%- endmacro %}
