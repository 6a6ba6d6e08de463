{#
  The tier holds the tenure, so customers who left early are in low tiers for that reason alone: only
  those of one plan and one tenure are compared. Each tenure is a block in which all leave at one
  moment, and the log-rank test over such blocks is the Cochran-Mantel-Haenszel test (D-017).
#}
with

folds_counted as (

    select * from {{ ref('int_folds_counted') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

compared as (

    {% for scope in ['plan_key', "'within plans'"] %}

        select
            {{ scope }} as scope,
            plan_key,
            value_tier,
            tenure_months,
            1 as moment,
            is_churned,
            customers

        from folds_counted
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

tested as (

    {{ logrank(
        'compared',
        group='value_tier',
        duration='moment',
        event='is_churned',
        strata=['scope'],
        weight='customers',
        blocks=['plan_key', 'tenure_months'],
    ) }}

),

tests as (

    select
        scope,
        max(p_value) as p_value

    from tested

    group by scope

),

corrected as (

    select
        scope,
        {# Bonferroni over the plans; the test within all of them is one of its own #}
        case
            when p_value is not null
                then
                    least(
                        p_value * count(p_value) over (partition by scope = 'within plans'), 1
                    )
        end as p_value

    from tests

),

judged as (

    select
        corrected.scope,
        corrected.p_value,
        corrected.p_value < 1 - parameters.survival_confidence as is_significant

    from corrected

    cross join parameters

),

checked as (

    select
        'tier_p_value_at_equal_tenure' as check_name,
        scope as subject,
        p_value as check_value,
        case
            when is_significant
                then 'the value tier carries churn signal among customers of equal tenure'
            when p_value is null then 'no two tiers with churn have customers of equal tenure'
            else 'the value tier carries no churn signal among customers of equal tenure'
        end as meaning

    from judged

    union all

    select
        'tier_observed_by_expected_at_equal_tenure' as check_name,
        tested.scope || ', ' || tested.value_tier as subject,
        tested.events / nullif(tested.expected_events, 0) as check_value,
        case
            when tested.expected_events = 0
                then 'nobody with the tenures of these customers churned'
            when judged.p_value is null then 'there is no other tier to compare with'
            when not judged.is_significant
                then 'differs from the other tiers by no more than chance'
            when tested.events > tested.expected_events
                then 'churned more often than others of the plan with the same tenure'
            when tested.events < tested.expected_events
                then 'churned less often than others of the plan with the same tenure'
            else 'churned as often as others of the plan with the same tenure'
        end as meaning

    from tested

    inner join judged
        on tested.scope = judged.scope

)

select * from checked
