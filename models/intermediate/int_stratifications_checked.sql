{# Words follow from the figures: another extract may say something else (D-017). #}
with

stratifications as (

    select * from {{ ref('int_stratifications_judged') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

likelihoods as (

    select
        max(log_likelihood) as best,
        max(log_likelihood) filter (where stratification = 'pooled') as pooled,
        max(log_likelihood) filter (where stratification = 'plan') as by_plan,
        max(log_likelihood) filter (where stratification = 'plan_tier') as by_plan_tier,
        max(log_likelihood) filter (where stratification = 'plan_usage') as by_plan_usage

    from stratifications

),

checked as (

    select
        'cross_validated_log_likelihood' as check_name,
        stratifications.stratification as subject,
        stratifications.log_likelihood as check_value,
        case
            when stratifications.log_likelihood = likelihoods.best
                then 'foretells churn best of all'
            when stratifications.log_likelihood > likelihoods.pooled
                then 'foretells churn better than one hazard a month for everybody'
            when stratifications.log_likelihood < likelihoods.pooled
                then 'foretells churn worse than one hazard a month for everybody'
            else 'one hazard a month for everybody, which the others are measured by'
        end as meaning

    from stratifications

    cross join likelihoods

    union all

    select
        'observed_by_expected' as check_name,
        stratifications.stratification as subject,
        stratifications.events / nullif(stratifications.expected_events, 0) as check_value,
        case
            when stratifications.events
                > stratifications.expected_events * (1 + parameters.scorecard_tolerance)
                then 'more customers churned than foretold'
            when stratifications.events
                < stratifications.expected_events * (1 - parameters.scorecard_tolerance)
                then 'fewer customers churned than foretold'
            else 'about as many customers churned as foretold'
        end as meaning

    from stratifications

    cross join parameters

    {% for subject, words in [('tier', 'value tier'), ('usage', 'usage band')] %}
        union all

        select
            'log_likelihood_gained_inside_plans' as check_name,
            '{{ subject }}' as subject,
            by_plan_{{ subject }} - by_plan as check_value,
            case
                when by_plan is null then 'there is no customer to tell'
                when by_plan_{{ subject }} > by_plan
                    then 'the {{ words }} carries churn signal inside a plan'
                else 'the {{ words }} carries no churn signal inside a plan'
            end as meaning

        from likelihoods
    {% endfor %}

)

select * from checked
