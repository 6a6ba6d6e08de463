{#
  The smallest rise over a rate that two arms of any size show with a given power: the difference d for which
  d = z_confidence * (its standard error were there none) + z_power * (its standard error), by bisection, since d stands on both sides. A
  query for a CTE, one row per keys. Null where not even a rise to 1 would show, or an arm is empty.
#}
{% macro detectable_difference(relation, keys, rate, treatment, control, z_confidence, z_power) -%}
    {%- set keys = keys | join(', ') -%}
with recursive

dd_steps as (
    select {{ keys }}, {{ to_double(rate) }} as rate,
        {{ to_double(treatment) }} as treatment, {{ to_double(control) }} as control, {{ z_confidence }} as z_confidence, {{ z_power }} as z_power,
        {{ to_double(0) }} as low, {{ to_double(1 ~ ' - ' ~ rate) }} as high, false as is_seen, 0 as step
    from {{ relation }}

    union all

    select {{ keys }}, rate, treatment, control, z_confidence, z_power,
        case when is_enough then low else middle end, case when is_enough then middle else high end,
        is_seen or is_enough, step + 1
    from (
        select *, middle > 0 and middle >= z_confidence * sqrt(
            (control * rate + treatment * (rate + middle)) * (control * (1 - rate) + treatment * (1 - rate - middle))
            / nullif(treatment * control * (treatment + control), 0)
        ) + z_power * sqrt(
            (rate + middle) * (1 - rate - middle) / nullif(treatment, 0) + rate * (1 - rate) / nullif(control, 0)
        ) as is_enough
        from (
            select *, (low + high) / 2 as middle
            from dd_steps
            where step < 60
        ) as dd_halved
    ) as dd_judged
)

select {{ keys }}, case when is_seen then high end as detectable_difference
from dd_steps
where step = 60
{%- endmacro %}
