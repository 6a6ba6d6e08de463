{# For seeds: dbt's own asks the catalogue twice which columns there are and sends two statements; see `comments_of`. #}
{% macro postgres__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- set comments = comments_of(relation, model, for_relation, for_columns) -%}
    {%- if comments -%}{%- do run_query(comments) -%}{%- endif -%}
{%- endmacro %}
