{#
  CTEs for logrank(): lr_groups, lr_steps (one row per group and time with an event) and lr_matrix. The matrix has the
  covariances of the excesses, V_ij = sum of d (n - d) / (n - 1) (n_i / n) ([i = j] - n_j / n), 0 where n = 1. The last
  group's row and column would only repeat the others: in their place stand the excesses, events less expected events.
  Groups and times are numbered and stacked: joined by their columns the planner takes them for single rows, and nested loops.
#}
{% macro logrank_matrix(relation, group, duration, event, strata, weight, blocks) -%}
    {%- set keys = strata | join(', ') or 'everybody' -%}
    {%- set times = ([keys] + blocks + [duration]) | join(', ') -%}
    {%- set one = 'one.' ~ keys | replace(', ', ', one.') -%}
lr_counted as (
    select {{ '1 as everybody,' if not strata }} counted.*, events + censored as leaving,
        dense_rank() over ({{ 'partition by ' ~ keys if strata }} order by {{ group }}) as group_number
    from ({{ events_counted(relation, strata + blocks + [group], duration, event, weight) }}) as counted
),

lr_groups as (
    select {{ keys }}, {{ group }}, group_number,
        cast(sum(leaving) as bigint) as customers, cast(sum(events) as bigint) as events
    from lr_counted group by {{ keys }}, {{ group }}, group_number
),

lr_grid as (
    select {{ times }}, group_number, {{ to_double('sum(events)') }} as d_group, {{ to_double('sum(leaving)') }} as leaving
    from (
        select {{ times }}, group_number, events, leaving from lr_counted
        union all
        select {{ times }}, group_number, 0, 0
        from (select distinct {{ times }} from lr_counted) as lr_times inner join lr_groups using ({{ keys }})
    ) as lr_stacked group by {{ times }}, group_number
),

lr_at_risk as (
    select *,
        dense_rank() over (order by {{ times }}) as step, max(group_number) over (partition by {{ keys }}) as group_count,
        sum(leaving) over (
            partition by {{ ([keys] + blocks) | join(', ') }}, group_number
            order by {{ duration }} desc rows unbounded preceding
        ) as n_group
    from lr_grid
),

lr_totals as (
    select *, sum(d_group) over (partition by step) as d_all, sum(n_group) over (partition by step) as n_all
    from lr_at_risk
),

lr_steps as (
    select *, n_group / n_all as share, d_all * n_group / n_all as expected,
        case when n_all > 1 then d_all * (n_all - d_all) / (n_all - 1) else 0 end as spread
    from lr_totals where d_all > 0
),

lr_matrix as (
    select {{ one }}, one.group_count, one.group_number as line, other.group_number as place,
        sum(case
            when one.group_number < one.group_count and other.group_number < one.group_count
                then one.spread * one.share * (case when one.group_number = other.group_number then 1 else 0 end - other.share)
            when one.group_number < one.group_count then one.d_group - one.expected
            when other.group_number < one.group_count then other.d_group - other.expected
            else 0
        end) as cell
    from lr_steps as one inner join lr_steps as other using (step)
    group by {{ one }}, one.group_count, one.group_number, other.group_number
)
{%- endmacro %}
