{# Most clusters that a recipe may ask for: customers are held against that many centres, side by side. #}
{% macro most_clusters() -%}
    {{ return(10) }}
{%- endmacro %}
