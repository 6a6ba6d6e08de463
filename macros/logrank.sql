{#
  Log-rank test in each stratum: have its groups, two or more, the same hazard? A query for a CTE; D-014 has formulas and sources.
  Gives the strata, the group, its customers, events and expected_events, and of the whole stratum chi_square,
  degrees_of_freedom and p_value, which are null where no comparison can be made. chi_square = Z' V^-1 Z is
  what Gaussian elimination leaves in the last corner of [V Z; Z' 0], with its sign turned. A pivot that is 0 but for
  rounding is passed over and gives no degree of freedom. With blocks, customers are compared inside each block only and
  the blocks are summed into one test (stratified log-rank): what the blocks differ in cannot show.
#}
{% macro logrank(relation, group, duration, event, strata=[], weight=none, blocks=[]) -%}
    {%- set keys = strata | join(', ') or 'everybody' -%}
with recursive

{{ logrank_matrix(relation, group, duration, event, strata, weight, blocks) }},

lr_pivots as (
    select {{ keys }}, group_count, line, place, cell, cell as first_cell, 1 as pivot, 0 as degrees_of_freedom
    from lr_matrix

    union all

    select {{ keys }}, group_count, line, place,
        case when is_usable then cell - line_cell * place_cell / pivot_cell else cell end,
        first_cell, pivot + 1, degrees_of_freedom + case when is_usable then 1 else 0 end
    from (
        select *, pivot_cell > 1e-10 * pivot_first_cell as is_usable
        from (
            select *,
                max(case when place = pivot then cell end) over (partition by {{ keys }}, line) as line_cell,
                max(case when line = pivot then cell end) over (partition by {{ keys }}, place) as place_cell,
                max(case when line = pivot and place = pivot then cell end) over (partition by {{ keys }}) as pivot_cell,
                max(case when line = pivot and place = pivot then first_cell end) over (
                    partition by {{ keys }}
                ) as pivot_first_cell
            from lr_pivots
            where pivot < group_count and line >= pivot and place >= pivot
        ) as lr_found
    ) as lr_judged
),

lr_expected as (
    select {{ keys }}, group_number, sum(expected) as expected_events
    from lr_steps
    group by {{ keys }}, group_number
),

lr_tests as (
    select {{ keys }}, nullif(degrees_of_freedom, 0) as degrees_of_freedom,
        case when degrees_of_freedom > 0 then 0 - cell end as chi_square
    from lr_pivots
    where pivot = group_count and line = group_count and place = group_count
)

select {{ strata | join(', ') ~ ',' if strata }} {{ group }}, customers, events,
    coalesce(expected_events, 0) as expected_events, chi_square, degrees_of_freedom,
    {{ chi_square_tail('chi_square', 'degrees_of_freedom') }} as p_value
from lr_groups
left join lr_expected using ({{ keys }}, group_number)
left join lr_tests using ({{ keys }})
{%- endmacro %}
