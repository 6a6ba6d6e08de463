{# The order in which a seed's rows were inserted, which is the order of its file. #}
{% macro physical_order() -%}
    {{ 'monotonically_increasing_id()' if target.type == 'spark' else 'ctid' }}
{%- endmacro %}
