{#
  What each sample makes of the next 24 months, of the customers that are there and of those it drew
  (D-020). The sum is that of the macro `discounted_months`, here as a moving frame over S(t) v^t: a
  row in place of one for every month ahead, at the price that below 1e-300 nothing is left. A table,
  for it takes seconds (D-004).
#}
{{ config(materialized='table') }}
{% set horizon_months = 24 %}
{% set curve = 'partition by sample_number, stratum_number order by tenure_month asc' %}

with

exposures as (

    select * from {{ ref('int_samples_exposed') }}

),

samples_drawn as (

    select * from {{ ref('int_samples_drawn') }}

),

strata as (

    select * from {{ ref('int_hazard_strata') }}

),

plans as (

    select * from {{ ref('stg_config__plans') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

hazards as (

    {{ hazards_shrunk(
        exposures='exposures',
        strata='strata',
        parameters='parameters',
        keys=['sample_number'],
    ) }}

),

logarithms as (

    select
        hazards.sample_number,
        hazards.stratum_number,
        hazards.plan_key,
        hazards.usage_band,
        hazards.tenure_month,
        case when hazards.hazard < 1 then 0 else 1 end as ending,
        case when hazards.hazard < 1 then ln(1 - hazards.hazard) else 0 end
        - ln(1 + {{ to_double('parameters.annual_discount_rate') }}) / 12 as logarithm

    from hazards

    cross join parameters

    where hazards.stratum_level = 'plan_usage'

),

running as (

    select
        sample_number,
        stratum_number,
        plan_key,
        usage_band,
        tenure_month,
        case
            when sum(ending) over so_far > 0 then 0
            else exp(greatest(sum(logarithm) over so_far, -690))
        end as discounted_survival

    from logarithms

    window so_far as ({{ curve }})

),

ahead as (

    select
        sample_number,
        plan_key,
        usage_band,
        tenure_month - 1 as tenure_months,
        coalesce(
            sum(discounted_survival) over next_months
            / nullif(lag(discounted_survival, 1, {{ to_double(1) }}) over next_months, 0), 0
        ) as expected_months

    from running

    window
        next_months as (
            {{ curve }} rows between current row and {{ horizon_months - 1 }} following
        )

),

valued as (

    select
        samples_drawn.sample_number,
        coalesce(samples_drawn.plan_key, 'All') as plan_key,
        cast(sum(samples_drawn.drawn_customers) as numeric(24, 12)) as drawn_customers,
        cast(sum(
            plans.margin * samples_drawn.bill_total * ahead.expected_months
        ) as numeric(24, 12)) as residual_clv_24m,
        cast(sum(
            plans.margin * samples_drawn.drawn_bill_total * ahead.expected_months
        ) as numeric(24, 12)) as drawn_residual_clv_24m

    from samples_drawn

    inner join plans
        on samples_drawn.plan_key = plans.plan_key

    inner join ahead
        on
            samples_drawn.sample_number = ahead.sample_number
            and samples_drawn.plan_key = ahead.plan_key
            and samples_drawn.usage_band = ahead.usage_band
            and samples_drawn.tenure_months = ahead.tenure_months

    where not samples_drawn.is_churned

    group by grouping sets (
        (samples_drawn.sample_number, samples_drawn.plan_key),
        (samples_drawn.sample_number)
    )

)

select * from valued
