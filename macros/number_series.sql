{#
  Whole numbers from first to last, one row each; no row when last is below first. It stands in the select list of a
  relation, once: `select {{ number_series('1', 'limits.last_month') }} as month_number from limits`. PostgreSQL has
  generate_series; Spark has explode, and a sequence that would count downwards.
#}
{% macro number_series(first, last) -%}
    {%- if target.type == 'spark' -%}
        explode(case when {{ first }} <= {{ last }} then sequence({{ first }}, {{ last }}) else array() end)
    {%- else -%}
        generate_series({{ first }}, {{ last }})
    {%- endif -%}
{%- endmacro %}
