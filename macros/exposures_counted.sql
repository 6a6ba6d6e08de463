{#
  A query for the exposure behind the hazards of D-015: who was at risk in each month and who left, T* and what the tail
  hazard is counted from. Months are counted from 1, the first in which a customer can leave.
  `strata` has a row per key with is_tail_of_all_months and hazard_minimum_at_risk; `counted` has any number of rows with
  the keys, tenure_months, is_churned and customers, which may be weights; `months` has a row per tenure_month. The query
  has a row per key and month, seen or not: both are stacked, for a join of so many rows can be planned badly.
#}
{% macro exposures_counted(strata, counted, months, keys) -%}
    {%- set key_list = keys | join(', ') -%}
    {%- set of_stratum = 'over (partition by ' ~ key_list ~ ')' -%}
    {%- set in_tail = 'filter (where is_tail_of_all_months or tenure_month <= last_observed_month)' -%}
    with
    stacked as (
        select
            {{ key_list }}, tenure_months as tenure_month, customers, case when is_churned then customers else 0 end as events,
            cast(null as boolean) as is_tail_of_all_months, cast(null as integer) as hazard_minimum_at_risk
        from {{ counted }}
        where tenure_months > 0
        union all
        select
            {{ key_list }}, tenure_month, 0 as customers, 0 as events, is_tail_of_all_months, hazard_minimum_at_risk
        from {{ strata }}
        cross join {{ months }}
    ),
    ended as (
        select
            {{ key_list }}, tenure_month, sum(customers) as customers, sum(events) as events,
            bool_or(is_tail_of_all_months) as is_tail_of_all_months, max(hazard_minimum_at_risk) as hazard_minimum_at_risk
        from stacked
        group by {{ key_list }}, tenure_month
    ),
    exposed as (
        select *, sum(customers) over (partition by {{ key_list }} order by tenure_month desc) as at_risk from ended
    ),
    observed as (
        select
            *,
            coalesce(max(tenure_month) filter (where at_risk >= hazard_minimum_at_risk) {{ of_stratum }}, 0)
                as last_observed_month
        from exposed
    )
    select
        {{ key_list }}, tenure_month, at_risk, events, last_observed_month,
        coalesce(sum(at_risk) {{ in_tail }} {{ of_stratum }}, 0) as tail_months,
        coalesce(sum(events) {{ in_tail }} {{ of_stratum }}, 0) as tail_events
    from observed
{%- endmacro %}
