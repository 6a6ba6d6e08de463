{# The same customers five times: all, by level, type and plan, by plan and usage band (D-014). #}
with

tenures_counted as (

    select * from {{ ref('int_tenures_counted') }}

),

stacked as (

    {% for stratum_level, stratum in [
        ('all', "'all'"),
        ('plan_level', 'plan_level'),
        ('plan_type', 'plan_type'),
        ('plan', 'plan_key'),
        ('plan_usage', "plan_key || ', ' || usage_band"),
    ] %}

        select
            '{{ stratum_level }}' as stratum_level,
            {{ stratum }} as stratum,
            tenure_months,
            is_churned,
            customers

        from tenures_counted
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

summed as (

    select
        stratum_level,
        stratum,
        tenure_months,
        is_churned,
        cast(sum(customers) as bigint) as customers

    from stacked

    group by
        stratum_level,
        stratum,
        tenure_months,
        is_churned

)

select * from summed
