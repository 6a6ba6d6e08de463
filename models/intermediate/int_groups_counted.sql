{%- set dimensions = [
    'gender', 'is_senior_citizen', 'has_partner', 'has_dependents',
    'has_multiple_lines', 'has_tech_support',
] -%}
{#
  All customers once, by everything together; the groups are summed from those few cells. A table: the
  tests read it three times (D-004).
#}
{{ config(materialized='table') }}

with

customers as (

    select * from {{ ref('stg_nexasat__customers') }}

),

cells as (

    select
        plan_key,
        {% for dimension in dimensions %}
            {{ dimension }},
        {% endfor %}
        tenure_months,
        is_churned,
        count(*) as customers

    from customers

    group by
        plan_key,
        {% for dimension in dimensions %}
            {{ dimension }},
        {% endfor %}
        tenure_months,
        is_churned

),

counted as (

    select
        plan_key,
        {% for dimension in dimensions %}
            {{ dimension }},
        {% endfor %}
        tenure_months,
        is_churned,
        cast(sum(customers) as bigint) as customers

    from cells

    group by
        grouping sets (
            {% for dimension in dimensions %}
                (plan_key, tenure_months, is_churned, {{ dimension }}){{ ',' if not loop.last }}
            {% endfor %}
        )

),

labelled as (

    select
        plan_key,
        case
            {% for dimension in dimensions %}
                when {{ dimension }} is not null then '{{ dimension }}'
            {% endfor %}
        end as dimension_name,
        coalesce(
            {% for dimension in dimensions if dimension != 'gender' %}
                case {{ dimension }} when true then 'Yes' when false then 'No' end,
            {% endfor %}
            gender
        ) as dimension_value,
        tenure_months,
        is_churned,
        customers

    from counted

)

select * from labelled
