{#
  Customers that each of two equal arms needs to tell two rates apart, an expression (Fleiss, Statistical Methods for Rates and Proportions, 1981,
  without continuity correction). Null for equal rates.
#}
{% macro sample_size(rate_a, rate_b, z_confidence, z_power) -%}
    ceil(power(
        {{ z_confidence }} * sqrt(({{ rate_a }} + {{ rate_b }}) * (2 - {{ rate_a }} - {{ rate_b }}) / 2)
        + {{ z_power }} * sqrt({{ rate_a }} * (1 - {{ rate_a }}) + {{ rate_b }} * (1 - {{ rate_b }})), 2
    ) / nullif(power({{ rate_a }} - {{ rate_b }}, 2), 0))
{%- endmacro %}
