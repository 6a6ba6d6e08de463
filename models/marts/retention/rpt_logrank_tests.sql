{# Log-rank tests by the macro logrank, corrected by Holm for how many they are (D-014). #}
with

groups_paired as (

    select * from {{ ref('int_groups_paired') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

tested as (

    {{ logrank(
        'groups_paired',
        group='group_name',
        duration='tenure_months',
        event='is_churned',
        strata=['dimension_name', 'scope', 'group_a', 'group_b'],
        weight='customers',
        blocks=['block'],
    ) }}

),

sided as (

    select
        dimension_name,
        scope,
        group_a,
        group_b,
        cast(sum(customers) filter (where group_name != group_b) as bigint) as customers_a,
        cast(sum(customers) filter (where group_name = group_b) as bigint) as customers_b,
        cast(sum(events) filter (where group_name != group_b) as bigint) as events_a,
        cast(sum(events) filter (where group_name = group_b) as bigint) as events_b,
        sum(expected_events) filter (where group_name != group_b) as expected_events_a,
        max(chi_square) as chi_square,
        max(degrees_of_freedom) as degrees_of_freedom,
        max(p_value) as p_value

    from tested

    group by
        dimension_name,
        scope,
        group_a,
        group_b

),

ranked as (

    select
        *,
        {# the smallest counts for all tests, the next for one less; null where there was no test #}
        p_value * (
            count(p_value) over () + 1
            - rank() over (order by p_value nulls last)
        ) as p_value_stepped

    from sided

),

corrected as (

    select
        *,
        case
            when p_value is not null
                then
                    least(
                        max(p_value_stepped) over (
                            order by p_value nulls last
                            range between unbounded preceding and current row
                        ), 1
                    )
        end as p_value_holm

    from ranked

),

judged as (

    select
        corrected.*,
        corrected.p_value_holm < 1 - parameters.survival_confidence as is_significant

    from corrected

    cross join parameters

),

worded as (

    select
        dimension_name,
        scope,
        group_a,
        group_b,
        customers_a,
        customers_b,
        events_a,
        events_b,
        expected_events_a,
        chi_square,
        degrees_of_freedom,
        p_value,
        p_value_holm,
        is_significant,
        case
            when p_value is null then 'no test: the groups have no churn to compare'
            when is_significant and events_b is null then 'the plans differ'
            when is_significant
                then
                    case
                        when events_a > expected_events_a
                            then group_a || ' leave sooner than ' || group_b
                        else group_b || ' leave sooner than ' || group_a
                    end
                    || case
                        when
                            scope = 'all'
                            and not bool_or(
                                case when scope = 'within plans' then is_significant end
                            ) over (partition by dimension_name, group_a, group_b)
                            then ', but not within plans: it is the plans that differ'
                        else ''
                    end
            when
                bool_or(is_significant and scope = 'all') over (
                    partition by dimension_name, group_a, group_b
                )
                then 'no significant difference: what shows over all customers is their plans'
            else 'no significant difference'
        end as finding

    from judged

)

select * from worded
