{#
  Difference of two means with less noise: what a covariate from before the draw foretells is taken off the outcome
  (Deng, Xu, Kohavi and Walker 2013). A query for a CTE, one row per keys: theta = cov(y, x) / var(x) over both arms, 0 where x is
  constant; y - theta * x per row; difference and standard error (Welch's) of the means of the two arms, both with and
  without it; variance_reduction. A standard error needs two rows in each arm.
#}
{% macro cuped(relation, keys, is_treatment, outcome, covariate) -%}
    {%- set keys = keys | join(', ') -%}
with

cu_rows as (
    select {{ keys }}, {{ is_treatment }} as is_treatment,
        {{ to_double(outcome) }} as outcome, {{ to_double(covariate) }} as covariate
    from {{ relation }}
),

cu_slopes as (
    select {{ keys }}, coalesce(regr_slope(outcome, covariate), 0) as theta, avg(covariate) as mean_covariate
    from cu_rows
    group by {{ keys }}
),

cu_adjusted as (
    select *, outcome - theta * (covariate - mean_covariate) as adjusted
    from cu_rows
    inner join cu_slopes using ({{ keys }})
),

cu_arms as (
    select {{ keys }}, max(theta) as theta,
        {%- for name in ['outcome', 'adjusted'] %}
        avg({{ name }}) filter (where is_treatment) - avg({{ name }}) filter (where not is_treatment) as {{ name }}_difference,
        sqrt(
            var_samp({{ name }}) filter (where is_treatment) / nullif(count(*) filter (where is_treatment), 0)
            + var_samp({{ name }}) filter (where not is_treatment) / nullif(count(*) filter (where not is_treatment), 0)
        ) as {{ name }}_error{{ ',' if not loop.last }}
        {%- endfor %}
    from cu_adjusted
    group by {{ keys }}
)

select {{ keys }}, theta,
    outcome_difference as plain_difference, outcome_error as plain_standard_error,
    adjusted_difference as difference, adjusted_error as standard_error,
    1 - adjusted_error * adjusted_error / nullif(outcome_error * outcome_error, 0) as variance_reduction
from cu_arms
{%- endmacro %}
