{#
  `limit 1`: without it PostgreSQL pastes the confidence into each place of the quantile's formula, here and in all that
  reads this view, and takes half a second to plan.
#}
with

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

probabilities as (

    select
        campaign_holdout_share,
        campaign_baseline_rate,
        campaign_lift,
        sample_ratio_alarm,
        {{ to_double('(1 - campaign_confidence) / 2') }} as tail,
        {{ to_double('campaign_power') }} as power

    from parameters

    order by tail asc

    limit 1

),

levels as (

    select
        campaign_holdout_share,
        {{ to_double('campaign_baseline_rate') }} as campaign_baseline_rate,
        {{ to_double('campaign_lift') }} as campaign_lift,
        sample_ratio_alarm,
        -{{ normal_quantile('tail') }} as z_confidence,
        {{ normal_quantile('power') }} as z_power

    from probabilities

    order by z_power asc

    limit 1

)

select * from levels
