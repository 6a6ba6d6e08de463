{#
  What each sample makes of the next 24 months, of the customers that are there and of those it drew
  (D-020). The sum is that of the macro `discounted_months`, here as a moving frame over S(t) v^t: a
  row in place of one for every month ahead. A start that next to nobody reaches has no such ratio and
  keeps its published months. A table, for it takes seconds (D-004).
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
            when sum(ending) over so_far > 0 or sum(logarithm) over so_far < -690 then 0
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
        sum(discounted_survival) over next_months as reached_months,
        lag(discounted_survival, 1, {{ to_double(1) }}) over next_months as start_survival

    from running

    window
        next_months as (
            {{ curve }} rows between current row and {{ horizon_months - 1 }} following
        )

),

expected as (

    select
        samples_drawn.sample_number,
        samples_drawn.plan_key,
        samples_drawn.drawn_customers,
        samples_drawn.bill_total,
        samples_drawn.drawn_bill_total,
        samples_drawn.margin * case
            when ahead.start_survival > 1e-150 then ahead.reached_months / ahead.start_survival
            else samples_drawn.expected_months_24m
        end as earned_months

    from samples_drawn

    inner join ahead
        on
            samples_drawn.sample_number = ahead.sample_number
            and samples_drawn.plan_key = ahead.plan_key
            and samples_drawn.usage_band = ahead.usage_band
            and samples_drawn.tenure_months = ahead.tenure_months

    where not samples_drawn.is_churned

),

valued as (

    select
        sample_number,
        coalesce(plan_key, 'All') as plan_key,
        cast(sum(drawn_customers) as numeric(24, 12)) as drawn_customers,
        cast(sum(bill_total * earned_months) as numeric(24, 12)) as residual_clv_24m,
        cast(sum(drawn_bill_total * earned_months) as numeric(24, 12)) as drawn_residual_clv_24m

    from expected

    group by grouping sets ((sample_number, plan_key), (sample_number))

)

select * from valued
