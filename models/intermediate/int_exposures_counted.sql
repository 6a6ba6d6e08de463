{#
  Months count from 1, the first in which a customer can leave, and go on past the longest tenure by
  the longest horizon: the oldest customer has a future too.
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

ended as (

    select
        stratum_level,
        stratum,
        tenure_months,
        sum(customers) as customers,
        coalesce(sum(customers) filter (where is_churned), 0) as events

    from strata_counted

    group by
        stratum_level,
        stratum,
        tenure_months

),

exposed as (

    select
        strata.stratum_level,
        strata.stratum,
        strata.is_tail_of_all_months,
        months.tenure_month,
        cast(
            coalesce(sum(ended.customers) over (
                partition by strata.stratum_level, strata.stratum
                order by months.tenure_month desc
            ), 0) as bigint
        ) as at_risk,
        cast(coalesce(ended.events, 0) as bigint) as events

    from strata

    cross join months

    left join ended
        on
            strata.stratum_level = ended.stratum_level
            and strata.stratum = ended.stratum
            and months.tenure_month = ended.tenure_months

),

last_observed as (

    select
        exposed.stratum_level,
        exposed.stratum,
        coalesce(max(exposed.tenure_month) filter (
            where exposed.at_risk >= parameters.hazard_minimum_at_risk
        ), 0) as last_observed_month

    from exposed

    cross join parameters

    group by
        exposed.stratum_level,
        exposed.stratum

),

observed as (

    select
        exposed.stratum_level,
        exposed.stratum,
        exposed.tenure_month,
        exposed.at_risk,
        exposed.events,
        last_observed.last_observed_month,
        cast(coalesce(sum(exposed.at_risk) filter (
            where
            exposed.is_tail_of_all_months
            or exposed.tenure_month <= last_observed.last_observed_month
        ) over (partition by exposed.stratum_level, exposed.stratum), 0) as bigint) as tail_months,
        cast(coalesce(sum(exposed.events) filter (
            where
            exposed.is_tail_of_all_months
            or exposed.tenure_month <= last_observed.last_observed_month
        ) over (partition by exposed.stratum_level, exposed.stratum), 0) as bigint) as tail_events

    from exposed

    inner join last_observed
        on
            exposed.stratum_level = last_observed.stratum_level
            and exposed.stratum = last_observed.stratum

)

select * from observed
