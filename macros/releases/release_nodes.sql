{#
  The ids of what a release must consist of and have passed: marts and data tests; unit tests prove the code and
  are left to `make test`.
#}
{% macro release_nodes(kinds) -%}
    {%- set ids = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in kinds -%}
        {%- if node.resource_type != 'model' or node.config.schema == 'marts' -%}
            {%- do ids.append(node.unique_id) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(ids) }}
{%- endmacro %}
