{#
  Two customers of one plan, usage band and tenure have one future: a thousand rows are computed in
  place of all customers, who only multiply (D-004).
#}
{{ config(materialized='table') }}

with

hazards as (

    select * from {{ ref('int_hazards_shrunk') }}

),

plans as (

    select * from {{ ref('stg_config__plans') }}

),

horizons as (

    select * from {{ ref('stg_config__horizons') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

horizons_discounted as (

    select * from {{ ref('int_horizons_discounted') }}

),

customer_hazards as (

    select
        plan_key,
        usage_band,
        tenure_month,
        hazard,
        is_extrapolated

    from hazards

    where stratum_level = 'plan_usage'

),

rated_horizons as (

    select
        horizons.horizon_months,
        parameters.annual_discount_rate

    from horizons

    cross join parameters

),

months_ahead as (

    {{ discounted_months(
        hazards='customer_hazards',
        keys=['plan_key', 'usage_band'],
        month='tenure_month',
        hazard='hazard',
        flag='is_extrapolated',
        horizons='rated_horizons',
        horizon='horizon_months',
        annual_rate='horizons.annual_discount_rate',
    ) }}

),

pivoted as (

    select
        plan_key,
        usage_band,
        tenure_month as tenure_months,
        max(discounted_months) filter (where horizon_months = 3) as expected_months_3m,
        max(discounted_months) filter (where horizon_months = 12) as expected_months_12m,
        max(discounted_months) filter (where horizon_months = 24) as expected_months_24m,
        max(discounted_months) filter (where horizon_months = 36) as expected_months_36m,
        max(flagged_months) filter (where horizon_months = 24) as extrapolated_months_24m,
        max(survival) filter (where horizon_months = 3) as survival_3m,
        max(survival) filter (where horizon_months = 12) as survival_12m

    from months_ahead

    group by
        plan_key,
        usage_band,
        tenure_month

    having max(survival) filter (where horizon_months = 36) is not null

),

valued as (

    select
        pivoted.plan_key,
        pivoted.usage_band,
        pivoted.tenure_months,
        plans.margin,
        cast(pivoted.expected_months_3m as numeric(16, 12)) as expected_months_3m,
        cast(pivoted.expected_months_12m as numeric(16, 12)) as expected_months_12m,
        cast(pivoted.expected_months_24m as numeric(16, 12)) as expected_months_24m,
        cast(pivoted.expected_months_36m as numeric(16, 12)) as expected_months_36m,
        cast(1 - pivoted.survival_3m as numeric(14, 12)) as churn_probability_3m,
        cast(1 - pivoted.survival_12m as numeric(14, 12)) as churn_probability_12m,
        cast(coalesce(
            pivoted.extrapolated_months_24m / nullif(pivoted.expected_months_24m, 0), 0
        ) as numeric(14, 12)) as extrapolated_share,
        cast(
            horizons_discounted.certain_months - pivoted.expected_months_12m as numeric(16, 12)
        ) as lost_months_12m,
        1 - pivoted.survival_12m >= parameters.at_risk_churn_probability as is_at_risk

    from pivoted

    cross join parameters

    inner join horizons_discounted
        on horizons_discounted.horizon_months = 12

    inner join plans
        on pivoted.plan_key = plans.plan_key

)

select * from valued
