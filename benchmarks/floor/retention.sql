-- Churn hazards by plan and usage band, and what is still to come of each unit of a bill, by tenure.
create schema intermediate;

create table intermediate.futures as
with parameters as (
    select
        max(parameter_value::float8) filter (where parameter = 'hazard_root_hazard') as prior,
        max(parameter_value::float8) filter (where parameter = 'hazard_root_shrinkage_customers') as prior_weight,
        max(parameter_value::float8) filter (where parameter = 'hazard_plan_shrinkage_customers') as plan_weight,
        max(parameter_value::float8) filter (where parameter = 'hazard_shrinkage_customers') as band_weight,
        max(parameter_value::float8) filter (where parameter = 'hazard_tail_shrinkage_months') as tail_weight,
        max(parameter_value::float8) filter (where parameter = 'hazard_minimum_at_risk') as fewest,
        max(parameter_value::float8) filter (where parameter = 'annual_discount_rate') as yearly_rate,
        max(parameter_value::float8) filter (where parameter = 'at_risk_churn_probability') as at_risk_from
    from config.cfg_parameters
),
counted as (
    select
        plan_key, usage_band, tenure_months as month, count(*) as ended,
        count(*) filter (where is_churned) as events
    from marts.dim_customers
    group by plan_key, usage_band, tenure_months
),
exposed as (
    select
        cfg_plans.plan_key, band_label as usage_band, months.month, lock_in_months, margin,
        coalesce(events, 0)::float8 as events,
        sum(coalesce(ended, 0)::float8) over (
            partition by cfg_plans.plan_key, band_label order by months.month desc
        ) as at_risk
    from config.cfg_plans
    cross join (select band_label from config.cfg_bands where band_type = 'usage') as bands
    cross join generate_series(1, (select max(month) from counted) + 36) as months (month)
    left join counted on
        cfg_plans.plan_key = counted.plan_key and band_label = counted.usage_band and months.month = counted.month
),
summed as (
    select
        *,
        sum(events) over plan_month as plan_events, sum(at_risk) over plan_month as plan_at_risk,
        sum(events) over every_month as all_events, sum(at_risk) over every_month as all_at_risk,
        (sum(events) over everything) / (sum(at_risk) over everything) as all_tail
    from exposed
    window plan_month as (partition by plan_key, month), every_month as (partition by month), everything as ()
),
limited as (
    select
        *,
        max(month) filter (where at_risk >= fewest) over band as last_month,
        max(month) filter (where plan_at_risk >= fewest) over plan as plan_last_month,
        max(month) filter (where all_at_risk >= fewest) over () as all_last_month,
        ((sum(events) over plan) + tail_weight * all_tail) / ((sum(at_risk) over plan) + tail_weight) as plan_tail
    from summed
    cross join parameters
    window band as (partition by plan_key, usage_band), plan as (partition by plan_key)
),
tailed as (
    select
        *,
        (coalesce(sum(events) filter (where month <= last_month) over band, 0) + tail_weight * plan_tail)
        / (coalesce(sum(at_risk) filter (where month <= last_month) over band, 0) + tail_weight) as tail,
        case
            when month > coalesce(all_last_month, 0) then all_tail
            else (all_events + prior_weight * prior) / (all_at_risk + prior_weight)
        end as all_hazard
    from limited
    window band as (partition by plan_key, usage_band)
),
planned as (
    select
        *,
        case
            when month > coalesce(plan_last_month, 0) then plan_tail
            else (plan_events + plan_weight * all_hazard) / (plan_at_risk + plan_weight)
        end as plan_hazard
    from tailed
),
hazards as (
    select
        plan_key, usage_band, month, margin, yearly_rate, at_risk_from,
        month > coalesce(last_month, 0) as is_extrapolated,
        case
            when month < lock_in_months then 0
            when month > coalesce(last_month, 0) then tail
            else (events + band_weight * plan_hazard) / (at_risk + band_weight)
        end as hazard
    from planned
),
chained as (
    select
        *,
        sum(ln(1 - hazard)) over (partition by plan_key, usage_band order by month) as log_survival
    from hazards
),
ahead as (
    select
        starts.plan_key, starts.usage_band, starts.month - 1 as tenure_months, starts.margin, starts.at_risk_from,
        ends.month - starts.month + 1 as step, ends.is_extrapolated,
        exp(ends.log_survival - starts.log_survival + ln(1 - starts.hazard)) as survival,
        (1 + starts.yearly_rate) ^ (-(ends.month - starts.month + 1) / 12.0::float8) as discount
    from chained as starts
    inner join chained as ends
        on
            starts.plan_key = ends.plan_key and starts.usage_band = ends.usage_band
            and ends.month between starts.month and starts.month + 35
)
select
    plan_key, usage_band, tenure_months, margin,
    (sum(survival * discount) filter (where step <= 3))::numeric(16, 12) as expected_months_3m,
    (sum(survival * discount) filter (where step <= 12))::numeric(16, 12) as expected_months_12m,
    (sum((1 - survival) * discount) filter (where step <= 12))::numeric(16, 12) as lost_months_12m,
    (sum(survival * discount) filter (where step <= 24))::numeric(16, 12) as expected_months_24m,
    sum(survival * discount)::numeric(16, 12) as expected_months_36m,
    (1 - max(survival) filter (where step = 3))::numeric(14, 12) as churn_probability_3m,
    (1 - max(survival) filter (where step = 12))::numeric(14, 12) as churn_probability_12m,
    (
        coalesce(sum(survival * discount) filter (where step <= 24 and is_extrapolated), 0)
        / sum(survival * discount) filter (where step <= 24)
    )::numeric(14, 12) as extrapolated_share,
    1 - max(survival) filter (where step = 12) >= max(at_risk_from) as is_at_risk
from ahead
group by plan_key, usage_band, tenure_months, margin
having count(*) = 36;

analyze intermediate.futures;
