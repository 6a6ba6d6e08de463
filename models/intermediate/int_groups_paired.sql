{# Both groups of each comparison, so that one query makes all tests (D-014). #}
with

strata_counted as (

    select * from {{ ref('int_strata_counted') }}

),

groups_counted as (

    select * from {{ ref('int_groups_counted') }}

),

samples as (

    select
        'plan_key' as dimension_name,
        'all' as scope,
        'all' as block,
        stratum as group_name,
        tenure_months,
        is_churned,
        customers

    from strata_counted

    where stratum_level = 'plan'

    union all

    {% for scope, block in [
        ("'all'", "'all'"),
        ("'within plans'", 'plan_key'),
        ('plan_key', 'plan_key'),
    ] %}

        select
            dimension_name,
            {{ scope }} as scope,
            {{ block }} as block,
            dimension_value as group_name,
            tenure_months,
            is_churned,
            customers

        from groups_counted
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

sample_groups as (

    select distinct
        dimension_name,
        scope,
        group_name

    from samples

),

pairs as (

    select
        sample_groups.dimension_name,
        sample_groups.scope,
        sample_groups.group_name as group_a,
        other_groups.group_name as group_b

    from sample_groups

    inner join sample_groups as other_groups
        on
            sample_groups.dimension_name = other_groups.dimension_name
            and sample_groups.scope = other_groups.scope
            and sample_groups.group_name < other_groups.group_name

),

compared as (

    select
        samples.dimension_name,
        samples.scope,
        samples.block,
        pairs.group_a,
        pairs.group_b,
        samples.group_name,
        samples.tenure_months,
        samples.is_churned,
        samples.customers

    from pairs

    inner join samples
        on
            pairs.dimension_name = samples.dimension_name
            and pairs.scope = samples.scope
            and samples.group_name in (pairs.group_a, pairs.group_b)

    union all

    select
        dimension_name,
        scope,
        block,
        'every plan' as group_a,
        'every other plan' as group_b,
        group_name,
        tenure_months,
        is_churned,
        customers

    from samples

    where dimension_name = 'plan_key'

)

select * from compared
