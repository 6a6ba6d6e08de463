{#
  Kaplan-Meier curves of all strata from one scan, as a query for a CTE. Formulas, conventions and sources: D-014. Columns:
  the strata, the duration, at_risk, events, censored, hazard, cumulative_hazard, survival, standard_error,
  survival_lower, survival_upper, is_extinct, rule_of_three_hazard. At d = n there is neither a logarithm nor a term of
  Greenwood; nobody is left after it, so it can only be the last row of a stratum. `limit 1` keeps PostgreSQL from
  pasting the confidence into each place of the quantile's formula, which takes half a second to plan.
#}
{% macro kaplan_meier(relation, strata, duration, event, confidence=0.95, weight=none) -%}
    {%- set keys = (strata + [duration]) | join(', ') -%}
    {%- set partition = 'partition by ' ~ (strata | join(', ')) if strata else '' -%}
    {%- set so_far = '(' ~ partition ~ ' order by ' ~ duration ~ ' rows unbounded preceding)' -%}
with

km_tails as (
    select {{ to_double('(1 - ' ~ confidence ~ ') / 2') }} as tail limit 1
),

km_quantiles as (
    select -{{ normal_quantile('tail') }} as z from km_tails limit 1
),

km_counted as (
    {{ events_counted(relation, strata, duration, event, weight) }}
),

km_at_risk as (
    select *,
        cast(sum(events + censored) over (
            {{ partition }} order by {{ duration }} desc rows unbounded preceding
        ) as bigint) as at_risk
    from km_counted
),

km_steps as (
    select *, events = at_risk as is_extinct, {{ to_double('events') }} / at_risk as hazard,
        case when events < at_risk then ln({{ to_double('at_risk - events') }} / at_risk) end as log_step,
        case when events < at_risk then {{ to_double('events') }} / at_risk / (at_risk - events) end as variance_step
    from km_at_risk
),

km_sums as (
    select *, sum(events) over {{ so_far }} as events_so_far, sum(hazard) over {{ so_far }} as cumulative_hazard,
        coalesce(sum(log_step) over {{ so_far }}, 0) as log_survival,
        sqrt(coalesce(sum(variance_step) over {{ so_far }}, 0)) as log_error,
        sum((events + censored) * {{ to_double(duration) }}) over {{ so_far }}
        + (at_risk - events - censored) * {{ to_double(duration) }} as exposure
    from km_steps
)

select {{ keys }}, at_risk, events, censored, hazard, cumulative_hazard,
    case when is_extinct then 0 else exp(log_survival) end as survival,
    case when is_extinct then 0 else exp(log_survival) * log_error end as standard_error,
    {%- for bound, sign in [('lower', '-'), ('upper', '')] %}
    case
        when is_extinct then 0
        when events_so_far = 0 then 1
        else {{ log_log_bound('log_survival', sign ~ 'z * log_error') }}
    end as survival_{{ bound }},
    {%- endfor %}
    is_extinct, case when events_so_far = 0 then 3 / nullif(exposure, 0) end as rule_of_three_hazard
from km_sums cross join km_quantiles
{%- endmacro %}
