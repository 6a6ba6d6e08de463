{#
  Each fold is foretold from the other fifteen: hazards as in D-015 but without contract and tail,
  which no row of the file could contradict (D-017).
#}
{% set stratifications = [
    ('constant', "'all'", none),
    ('pooled', "'all'", none),
    ('tier', 'value_tier', 'pooled'),
    ('plan', 'plan_key', 'pooled'),
    ('plan_tier', "plan_key || ', ' || value_tier", 'plan'),
    ('plan_usage', "plan_key || ', ' || usage_band", 'plan'),
] %}

with

folds_counted as (

    select * from {{ ref('int_folds_counted') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

leaves as (

    select distinct
        plan_key,
        usage_band,
        value_tier,
        fold

    from folds_counted

),

longest as (

    select coalesce(max(tenure_months), 0) as last_month from folds_counted

),

months as (

    select {{ number_series('1', 'last_month') }} as tenure_month from longest

),

exposed as (

    select
        leaves.plan_key,
        leaves.usage_band,
        leaves.value_tier,
        leaves.fold,
        months.tenure_month,
        sum(folds_counted.customers) as at_risk,
        coalesce(sum(folds_counted.customers) filter (
            where folds_counted.is_churned and folds_counted.tenure_months = months.tenure_month
        ), 0) as events

    from leaves

    cross join months

    inner join folds_counted
        on
            leaves.plan_key = folds_counted.plan_key
            and leaves.usage_band = folds_counted.usage_band
            and leaves.value_tier = folds_counted.value_tier
            and leaves.fold = folds_counted.fold
            and months.tenure_month <= folds_counted.tenure_months

    group by
        leaves.plan_key,
        leaves.usage_band,
        leaves.value_tier,
        leaves.fold,
        months.tenure_month

)
