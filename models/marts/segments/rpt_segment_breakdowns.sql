{%- set dimensions = [
    'gender', 'is_senior_citizen', 'has_partner', 'has_dependents',
    'plan_key', 'usage_band', 'tenure_band',
] -%}
{# One scan for all dimensions: each grouping set leaves every other dimension null. #}
with

customer_segments as (

    select * from {{ ref('fct_customer_segments') }}

),

counted as (

    select
        value_tier,
        value_tier_rank,
        {% for dimension in dimensions %}
            {{ dimension }},
        {% endfor %}
        count(*) as customers,
        avg(churn_probability_12m) as mean_churn_probability_12m

    from customer_segments

    group by
        grouping sets (
            {% for dimension in dimensions %}
                (value_tier, value_tier_rank, {{ dimension }}){{ ',' if not loop.last }}
            {% endfor %}
        )

),

labelled as (

    select
        value_tier,
        value_tier_rank,
        case
            {% for dimension in dimensions %}
                when {{ dimension }} is not null then '{{ dimension }}'
            {% endfor %}
        end as dimension_name,
        coalesce(
            gender,
            {% for dimension in dimensions if dimension.startswith(('is_', 'has_')) %}
                case {{ dimension }} when true then 'Yes' when false then 'No' end,
            {% endfor %}
            plan_key,
            usage_band,
            tenure_band
        ) as dimension_value,
        customers,
        mean_churn_probability_12m

    from counted

),

shared as (

    select
        value_tier,
        value_tier_rank,
        dimension_name,
        dimension_value,
        customers,
        cast(
            customers / sum(customers) over (partition by value_tier, dimension_name)
            as numeric(9, 6)
        ) as share_within_tier,
        cast(mean_churn_probability_12m as numeric(9, 6)) as mean_churn_probability_12m

    from labelled

)

select * from shared
