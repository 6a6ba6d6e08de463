{# Curves of all strata at once (D-014); before a stratum's first row survival is 1. #}
with

strata_counted as (

    select * from {{ ref('int_strata_counted') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

curves as (

    {{ kaplan_meier(
        'strata_counted',
        strata=['stratum_level', 'stratum'],
        duration='tenure_months',
        event='is_churned',
        confidence='(select survival_confidence from parameters)',
        weight='customers',
    ) }}

),

named as (

    select
        stratum_level,
        stratum,
        tenure_months as tenure_month,
        at_risk,
        events,
        censored,
        hazard,
        cumulative_hazard,
        survival,
        standard_error,
        survival_lower,
        survival_upper,
        is_extinct,
        rule_of_three_hazard

    from curves

)

select * from named
