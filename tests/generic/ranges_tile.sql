{#
  The ranges of a catalogue (of each group, when group_by is given) follow one another without gap or overlap, from no
  lower bound to no upper bound, and a bound that two ranges share belongs to exactly one of them. Null flags and an empty catalogue fail.
#}
{% test ranges_tile(model, lower, upper, is_lower_included, is_upper_included, group_by=none) %}

with

ordered as (

    select
        cast({{ group_by or "'all'" }} as text) as range_group,
        {{ lower }} as lower_bound,
        {{ upper }} as upper_bound,
        {{ is_lower_included }} as is_lower_included,
        {{ is_upper_included }} as is_upper_included,
        lag({{ upper }}) over (
            {{ 'partition by ' ~ group_by if group_by }} order by {{ lower }} asc nulls first
        ) as previous_upper_bound,
        lag({{ is_upper_included }}) over (
            {{ 'partition by ' ~ group_by if group_by }} order by {{ lower }} asc nulls first
        ) as is_previous_upper_included,
        row_number() over (
            {{ 'partition by ' ~ group_by if group_by }} order by {{ lower }} asc nulls first
        ) as range_number,
        count(*) over ({{ 'partition by ' ~ group_by if group_by }}) as range_count

    from {{ model }}

)

select
    range_group,
    lower_bound,
    upper_bound
from ordered
where
    case when range_number = 1 then lower_bound is not null else (
        lower_bound = previous_upper_bound
        and (upper_bound is null or lower_bound < upper_bound)
        and is_lower_included <> is_previous_upper_included
    ) is not true end
    or (range_number = range_count) <> (upper_bound is null)
    or is_lower_included is null
    or is_upper_included is null

union all

select
    'no range at all' as range_group,
    null as lower_bound,
    null as upper_bound
where not exists (select 1 from ordered)

{% endtest %}
