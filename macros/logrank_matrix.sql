{#
  CTEs for logrank(): lr_groups, lr_steps (one row per group and event time) and lr_matrix. The matrix has the covariances of
  the events in excess, V_ij = sum of d (n - d) / (n - 1) (n_i / n) ([i = j] - n_j / n), 0 where n = 1. The last group's
  row and column would only repeat the others: in their place stand the excesses, events less expected events.
#}
{% macro logrank_matrix(relation, group, duration, event, strata, weight, blocks) -%}
    {%- set keys = strata | join(', ') or 'everybody' -%}
    {%- set block = ([keys] + blocks) | join(', ') -%}
lr_counted as (
    select {{ '1 as everybody,' if not strata }} counted.*
    from ({{ events_counted(relation, strata + blocks + [group], duration, event, weight) }}) as counted
),

lr_groups as (
    select {{ keys }}, {{ group }},
        cast(sum(events + censored) as bigint) as customers,
        cast(sum(events) as bigint) as events,
        cast(row_number() over (partition by {{ keys }} order by {{ group }}) as integer) as group_number,
        cast(count(*) over (partition by {{ keys }}) as integer) as group_count
    from lr_counted
    group by {{ keys }}, {{ group }}
),

lr_at_risk as (
    select {{ block }}, {{ duration }}, {{ group }}, group_number, group_count,
        {{ to_double('coalesce(lr_counted.events, 0)') }} as d_group,
        sum({{ to_double('coalesce(lr_counted.events + lr_counted.censored, 0)') }}) over (
            partition by {{ block }}, {{ group }} order by {{ duration }} desc rows unbounded preceding
        ) as n_group
    from lr_groups
    inner join (select distinct {{ block }}, {{ duration }} from lr_counted) as lr_times using ({{ keys }})
    left join lr_counted using ({{ block }}, {{ group }}, {{ duration }})
),

lr_totals as (
    select *,
        sum(d_group) over (partition by {{ block }}, {{ duration }}) as d_all,
        sum(n_group) over (partition by {{ block }}, {{ duration }}) as n_all
    from lr_at_risk
),

lr_steps as (
    select *,
        n_group / n_all as share,
        d_all * n_group / n_all as expected,
        case when n_all > 1 then d_all * (n_all - d_all) / (n_all - 1) else 0 end as spread
    from lr_totals
    where d_all > 0
),

lr_matrix as (
    select {{ keys }}, group_count, one.group_number as line, other.group_number as place,
        sum(case
            when one.group_number < group_count and other.group_number < group_count
                then one.spread * one.share
                    * (case when one.group_number = other.group_number then 1 else 0 end - other.share)
            when one.group_number < group_count then one.d_group - one.expected
            when other.group_number < group_count then other.d_group - other.expected
            else 0
        end) as cell
    from lr_steps as one
    inner join lr_steps as other using ({{ block }}, {{ duration }}, group_count)
    group by {{ keys }}, group_count, one.group_number, other.group_number
)
{%- endmacro %}
