{#
  Every stratification counts the same person-months its own way; beside a fold's own stands what the
  other fifteen know of the same stratum and month. A table: hazards are joined to their parents (D-017).
#}
{{ config(materialized='table') }}
{% set stratifications = [
    ('constant', "'all'", 'none', "'none'", '0'),
    ('pooled', "'all'", 'none', "'none'", 'tenure_month'),
    ('tier', 'value_tier', 'pooled', "'all'", 'tenure_month'),
    ('plan', 'plan_key', 'pooled', "'all'", 'tenure_month'),
    ('plan_tier', "plan_key || ', ' || value_tier", 'plan', 'plan_key', 'tenure_month'),
    ('plan_usage', "plan_key || ', ' || usage_band", 'plan', 'plan_key', 'tenure_month'),
] %}

with

folds_counted as (

    select * from {{ ref('int_folds_counted') }}

),

longest as (

    select coalesce(max(tenure_months), 0) as last_month from folds_counted

),

months as (

    select {{ number_series('1', 'last_month') }} as tenure_month from longest

),

exposed as (

    select
        folds_counted.fold,
        folds_counted.plan_key,
        folds_counted.usage_band,
        folds_counted.value_tier,
        months.tenure_month,
        sum(folds_counted.customers) as at_risk,
        coalesce(sum(folds_counted.customers) filter (
            where
            folds_counted.is_churned
            and folds_counted.tenure_months = months.tenure_month
        ), 0) as events

    from folds_counted

    inner join months
        on folds_counted.tenure_months >= months.tenure_month

    group by
        folds_counted.fold,
        folds_counted.plan_key,
        folds_counted.usage_band,
        folds_counted.value_tier,
        months.tenure_month

),

stacked as (

    {% for stratification, stratum, parent, parent_stratum, month in stratifications %}

        select
            '{{ stratification }}' as stratification,
            {{ stratum }} as stratum,
            '{{ parent }}' as parent_stratification,
            {{ parent_stratum }} as parent_stratum,
            fold,
            {{ month }} as month_number,
            at_risk,
            events

        from exposed
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

summed as (

    select
        stratification,
        stratum,
        parent_stratification,
        parent_stratum,
        fold,
        month_number,
        sum(at_risk) as at_risk,
        sum(events) as events

    from stacked

    group by
        stratification,
        stratum,
        parent_stratification,
        parent_stratum,
        fold,
        month_number

),

trained as (

    select
        *,
        {{ to_double('sum(at_risk) over others - at_risk') }} as known_at_risk,
        {{ to_double('sum(events) over others - events') }} as known_events

    from summed

    window others as (partition by stratification, stratum, month_number)

)

select * from trained
