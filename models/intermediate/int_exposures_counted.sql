{#
  Months go on past the longest tenure by the longest horizon: the oldest customer has a future too.
#}
with

strata as (

    select * from {{ ref('int_hazard_strata') }}

),

strata_counted as (

    select * from {{ ref('int_strata_counted') }}

),

horizons as (

    select * from {{ ref('stg_config__horizons') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

longest as (

    select coalesce(max(tenure_months), 0) as tenure_months from strata_counted

),

limits as (

    select max(longest.tenure_months + horizons.horizon_months) as last_month

    from longest

    cross join horizons

),

months as (

    select {{ number_series('1', 'last_month') }} as tenure_month

    from limits

),

rated_strata as (

    select
        strata.stratum_number,
        strata.stratum_level,
        strata.stratum,
        strata.is_tail_of_all_months,
        parameters.hazard_minimum_at_risk

    from strata

    cross join parameters

),

numbered as (

    select
        strata.stratum_number,
        strata_counted.stratum_level,
        strata_counted.stratum,
        strata_counted.tenure_months,
        strata_counted.is_churned,
        strata_counted.customers

    from strata_counted

    inner join strata
        on
            strata_counted.stratum_level = strata.stratum_level
            and strata_counted.stratum = strata.stratum

),

exposed as (

    {{ exposures_counted(
        strata='rated_strata',
        counted='numbered',
        months='months',
        keys=['stratum_number', 'stratum_level', 'stratum'],
    ) }}

),

counted as (

    select
        stratum_number,
        stratum_level,
        stratum,
        tenure_month,
        last_observed_month,
        cast(at_risk as bigint) as at_risk,
        cast(events as bigint) as events,
        cast(tail_months as bigint) as tail_months,
        cast(tail_events as bigint) as tail_events

    from exposed

)

select * from counted
