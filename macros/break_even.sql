{# Share of a gain that pays for a cost, 0 to 1; null when all of it would not, and without a cost. #}
{% macro break_even(cost, gain) -%}
    case when {{ cost }} > 0 and {{ cost }} <= {{ gain }} then cast({{ cost }} / ({{ gain }}) as numeric(9, 6)) end
{%- endmacro %}
