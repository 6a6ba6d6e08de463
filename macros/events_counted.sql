{# A query: how many had the event and how many were censored after each duration. Rows without duration or event say nothing and are left out. #}
{% macro events_counted(relation, strata, duration, event, weight=none) -%}
    {%- set keys = (strata + [duration]) | join(', ') -%}
    {%- set total = 'sum(' ~ weight ~ ')' if weight else 'count(*)' -%}
    select
        {{ keys }},
        cast(coalesce({{ total }} filter (where {{ event }}), 0) as bigint) as events,
        cast(coalesce({{ total }} filter (where not {{ event }}), 0) as bigint) as censored
    from {{ relation }}
    where {{ duration }} is not null and {{ event }} is not null
        {%- if weight %} and {{ weight }} > 0 {%- endif %}
    group by {{ keys }}
{%- endmacro %}
