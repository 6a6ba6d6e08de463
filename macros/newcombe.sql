{#
  A bound of the difference of two independent proportions, a less b, by Newcombe's hybrid of two score intervals
  (Statistics in Medicine 17, 1998, 873-890, method 10), an expression. Null where an arm has no trials.
#}
{% macro newcombe(successes_a, trials_a, successes_b, trials_b, z, bound) -%}
    {%- set rate_a = to_double(successes_a) ~ ' / nullif(' ~ trials_a ~ ', 0)' -%}
    {%- set rate_b = to_double(successes_b) ~ ' / nullif(' ~ trials_b ~ ', 0)' -%}
    {%- set other = 'upper' if bound == 'lower' else 'lower' -%}
    {{ rate_a }} - {{ rate_b }} {{ '-' if bound == 'lower' else '+' }} sqrt(
        power({{ rate_a }} - {{ wilson(successes_a, trials_a, z, bound) }}, 2)
        + power({{ rate_b }} - {{ wilson(successes_b, trials_b, z, other) }}, 2)
    )
{%- endmacro %}
