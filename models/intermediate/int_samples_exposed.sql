{#
  The exposures of D-015 for each sample. Three levels are enough: a plan and usage band leans on its
  plan and that on everybody.
#}

with

samples_drawn as (

    select * from {{ ref('int_samples_drawn') }}

),

strata as (

    select * from {{ ref('int_hazard_strata') }}

),

horizons as (

    select * from {{ ref('stg_config__horizons') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

longest as (

    select coalesce(max(tenure_months), 0) as tenure_months from samples_drawn

),

limits as (

    select longest.tenure_months + horizons.horizon_months as last_month

    from longest

    inner join horizons
        on horizons.horizon_months = 24

),

months as (

    select {{ number_series('1', 'last_month') }} as tenure_month

    from limits

),

samples as (

    select distinct sample_number from samples_drawn

),

sampled_strata as (

    select
        samples.sample_number,
        strata.stratum_number,
        strata.is_tail_of_all_months,
        parameters.hazard_minimum_at_risk

    from samples

    cross join strata

    cross join parameters

),

members as (

    select
        strata.stratum_number,
        leaves.plan_key,
        leaves.usage_band

    from strata

    inner join strata as leaves
        on
            leaves.stratum_level = 'plan_usage'
            and leaves.plan_key = coalesce(strata.plan_key, leaves.plan_key)
            and leaves.usage_band = coalesce(strata.usage_band, leaves.usage_band)

),

counted as (

    select
        samples_drawn.sample_number,
        members.stratum_number,
        samples_drawn.tenure_months,
        samples_drawn.is_churned,
        samples_drawn.drawn_customers as customers

    from samples_drawn

    inner join members
        on
            samples_drawn.plan_key = members.plan_key
            and samples_drawn.usage_band = members.usage_band

),

exposed as (

    {{ exposures_counted(
        strata='sampled_strata',
        counted='counted',
        months='months',
        keys=['sample_number', 'stratum_number'],
    ) }}

)

select * from exposed
