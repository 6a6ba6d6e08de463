{#
  Ends a step whose columns many places read: PostgreSQL pastes a simple step into its readers and would compute each
  expression once for every place that names it. A step that ends so is computed row by row, in parallel too.
#}
{% macro computed_once() -%}
    offset 0
{%- endmacro %}
