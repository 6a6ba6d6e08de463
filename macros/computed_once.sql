{#
  Ends a step whose columns many places read: PostgreSQL pastes a simple step into its readers and would compute each
  expression once for every place that names it. A step that ends so is computed row by row. The quotes keep it parallel:
  0 is an integer that PostgreSQL turns into a bigint only when it plans the step itself, too late for the steps around it.
#}
{% macro computed_once() -%}
    offset {{ '0' if target.type == 'spark' else "'0'" }}
{%- endmacro %}
