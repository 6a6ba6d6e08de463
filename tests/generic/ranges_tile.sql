{#
  The ranges of a catalogue (of each group, when group_by is given) follow one another without gap or overlap, from no
  lower bound to no upper bound, and a bound that two ranges share belongs to exactly one of them. Null flags fail.
#}
{% test ranges_tile(model, lower, upper, is_lower_included, is_upper_included, group_by=none) %}

with

ordered as (

    select
        {{ group_by or "'all'" }} as range_group,
        {{ lower }} as lower_bound,
        {{ upper }} as upper_bound,
        {{ is_lower_included }} as is_lower_included,
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

select *
from ordered
where
    case when range_number = 1 then lower_bound is not null else (
        lower_bound = previous_upper_bound
        and (upper_bound is null or lower_bound < upper_bound)
        and is_lower_included <> is_previous_upper_included
    ) is not true end
    or (range_number = range_count) <> (upper_bound is null)

{% endtest %}
