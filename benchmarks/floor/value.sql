-- Scores of everybody, the cut-offs of the active ones, and what each customer is worth.
create table intermediate.scores as
with weights as (
    select
        max(weight) filter (where component = 'monthly_bill_amount') as bill,
        max(weight) filter (where component = 'tenure_months') as tenure,
        max(weight) filter (where component = 'call_duration') as call,
        max(weight) filter (where component = 'data_usage') as data,
        max(weight) filter (where component = 'is_premium') as premium
    from config.cfg_score_weights
),
ranges as (
    select
        min(monthly_bill_amount) as lowest_bill,
        nullif(max(monthly_bill_amount) - min(monthly_bill_amount), 0) as bill_range,
        min(tenure_months) as lowest_tenure,
        nullif(max(tenure_months) - min(tenure_months), 0) as tenure_range,
        min(call_duration) as lowest_call,
        nullif(max(call_duration) - min(call_duration), 0) as call_range,
        min(data_usage) as lowest_data,
        nullif(max(data_usage) - min(data_usage), 0) as data_range,
        min((plan_level = 'Premium')::integer) as lowest_premium,
        nullif(max((plan_level = 'Premium')::integer) - min((plan_level = 'Premium')::integer), 0) as premium_range
    from marts.dim_customers
    where not is_churned
)
select
    customer_id, plan_key, usage_band, is_churned, monthly_bill_amount, tenure_months, call_duration, data_usage,
    (plan_level = 'Premium')::integer as is_premium,
    (
        weights.bill * monthly_bill_amount + weights.tenure * tenure_months + weights.call * call_duration
        + weights.data * data_usage + weights.premium * (plan_level = 'Premium')::integer
    )::numeric(10, 2) as clv_score,
    case when not is_churned then (
        weights.bill * coalesce((monthly_bill_amount - lowest_bill) / bill_range, 0)
        + weights.tenure * coalesce((tenure_months - lowest_tenure)::numeric(12, 2) / tenure_range, 0)
        + weights.call * coalesce((call_duration - lowest_call)::numeric(12, 2) / call_range, 0)
        + weights.data * coalesce((data_usage - lowest_data) / data_range, 0)
        + weights.premium
        * coalesce(((plan_level = 'Premium')::integer - lowest_premium)::numeric(12, 2) / premium_range, 0)
    )::numeric(9, 6) end as clv_score_scaled
from marts.dim_customers
cross join weights
cross join ranges;

analyze intermediate.scores;

create table marts.dim_segments as
with cut_offs as (
    select
        value_tier_rank,
        percentile_cont(lower_percentile) within group (order by clv_score) as lower_clv_score
    from config.cfg_value_tiers
    cross join intermediate.scores
    where not is_churned and lower_percentile is not null
    group by value_tier_rank, lower_percentile
)
select
    value_tier, tiers.value_tier_rank, lower_percentile, is_lower_included,
    lower_cut_offs.lower_clv_score::numeric(12, 6) as lower_clv_score,
    upper_percentile, is_upper_included,
    upper_cut_offs.lower_clv_score::numeric(12, 6) as upper_clv_score,
    recommended_attention
from config.cfg_value_tiers as tiers
left join cut_offs as lower_cut_offs on tiers.value_tier_rank = lower_cut_offs.value_tier_rank
left join cut_offs as upper_cut_offs on tiers.value_tier_rank = upper_cut_offs.value_tier_rank + 1;

alter table marts.dim_segments
    add primary key (value_tier),
    alter value_tier_rank set not null, alter is_lower_included set not null, alter is_upper_included set not null,
    alter recommended_attention set not null;

create table marts.fct_customer_value as
select
    customer_id, scores.is_churned, monthly_bill_amount, tenure_months,
    (monthly_bill_amount * tenure_months)::numeric(14, 2) as historical_clv,
    (monthly_bill_amount * tenure_months * retention_factor)::numeric(14, 2) as proxy_clv,
    (case when not scores.is_churned then clv_score end)::numeric(10, 2) as clv_score,
    (case when not scores.is_churned then clv_score_scaled end)::numeric(9, 6) as clv_score_scaled,
    (margin * monthly_bill_amount * case when scores.is_churned then 0 else expected_months_12m end)::numeric(24, 12)
        as residual_clv_12m,
    (margin * monthly_bill_amount * case when scores.is_churned then 0 else expected_months_24m end)::numeric(24, 12)
        as residual_clv_24m,
    (margin * monthly_bill_amount * case when scores.is_churned then 0 else expected_months_36m end)::numeric(24, 12)
        as residual_clv_36m,
    (case when not scores.is_churned then churn_probability_3m end)::numeric(14, 12) as churn_probability_3m,
    (case when not scores.is_churned then churn_probability_12m end)::numeric(14, 12) as churn_probability_12m,
    (case when scores.is_churned then 0 else expected_months_3m end)::numeric(16, 12) as expected_months_3m,
    (case when scores.is_churned then 0 else expected_months_24m end)::numeric(16, 12) as expected_months_24m,
    (margin * monthly_bill_amount * case when scores.is_churned then 0 else lost_months_12m end)::numeric(24, 12)
        as expected_loss_12m,
    (case when not scores.is_churned then extrapolated_share end)::numeric(14, 12) as extrapolated_share,
    not scores.is_churned and is_at_risk as is_at_risk
from intermediate.scores
inner join config.cfg_retention_factors as factors on scores.is_churned = factors.is_churned
inner join intermediate.futures using (plan_key, usage_band, tenure_months);

alter table marts.fct_customer_value
    add primary key (customer_id),
    add foreign key (customer_id) references marts.dim_customers (customer_id),
    alter is_churned set not null, alter monthly_bill_amount set not null, alter tenure_months set not null,
    alter historical_clv set not null, alter proxy_clv set not null,
    alter residual_clv_12m set not null, alter residual_clv_24m set not null, alter residual_clv_36m set not null,
    alter expected_months_3m set not null, alter expected_loss_12m set not null,
    alter expected_months_24m set not null, alter is_at_risk set not null;

analyze marts.fct_customer_value;

create table marts.rpt_score_components as
with active_customers as (
    select
        monthly_bill_amount::double precision, tenure_months::double precision, call_duration::double precision,
        data_usage::double precision, is_premium::double precision, clv_score::double precision,
        clv_score_scaled::double precision
    from intermediate.scores
    where not is_churned
),
measured as (
    select
        max(monthly_bill_amount) - min(monthly_bill_amount) as bill_range, var_pop(monthly_bill_amount) as bill_variance,
        covar_pop(monthly_bill_amount, clv_score) as bill_covariance, corr(monthly_bill_amount, clv_score) as bill_correlation,
        covar_pop(monthly_bill_amount, clv_score_scaled) as bill_scaled_covariance,
        corr(monthly_bill_amount, clv_score_scaled) as bill_scaled_correlation,
        max(tenure_months) - min(tenure_months) as tenure_range, var_pop(tenure_months) as tenure_variance,
        covar_pop(tenure_months, clv_score) as tenure_covariance, corr(tenure_months, clv_score) as tenure_correlation,
        covar_pop(tenure_months, clv_score_scaled) as tenure_scaled_covariance,
        corr(tenure_months, clv_score_scaled) as tenure_scaled_correlation,
        max(call_duration) - min(call_duration) as call_range, var_pop(call_duration) as call_variance,
        covar_pop(call_duration, clv_score) as call_covariance, corr(call_duration, clv_score) as call_correlation,
        covar_pop(call_duration, clv_score_scaled) as call_scaled_covariance,
        corr(call_duration, clv_score_scaled) as call_scaled_correlation,
        max(data_usage) - min(data_usage) as data_range, var_pop(data_usage) as data_variance,
        covar_pop(data_usage, clv_score) as data_covariance, corr(data_usage, clv_score) as data_correlation,
        covar_pop(data_usage, clv_score_scaled) as data_scaled_covariance,
        corr(data_usage, clv_score_scaled) as data_scaled_correlation,
        max(is_premium) - min(is_premium) as premium_range, var_pop(is_premium) as premium_variance,
        covar_pop(is_premium, clv_score) as premium_covariance, corr(is_premium, clv_score) as premium_correlation,
        covar_pop(is_premium, clv_score_scaled) as premium_scaled_covariance,
        corr(is_premium, clv_score_scaled) as premium_scaled_correlation,
        var_pop(clv_score) as score_variance, var_pop(clv_score_scaled) as scaled_variance
    from active_customers
),
unpivoted as (
    select component, value_range, component_variance, score_variance, scaled_variance, covariance, correlation,
        scaled_covariance, scaled_correlation
    from measured
    cross join lateral (
        values
            ('monthly_bill_amount', bill_range, bill_variance, bill_covariance, bill_correlation,
                bill_scaled_covariance, bill_scaled_correlation),
            ('tenure_months', tenure_range, tenure_variance, tenure_covariance, tenure_correlation,
                tenure_scaled_covariance, tenure_scaled_correlation),
            ('call_duration', call_range, call_variance, call_covariance, call_correlation,
                call_scaled_covariance, call_scaled_correlation),
            ('data_usage', data_range, data_variance, data_covariance, data_correlation,
                data_scaled_covariance, data_scaled_correlation),
            ('is_premium', premium_range, premium_variance, premium_covariance, premium_correlation,
                premium_scaled_covariance, premium_scaled_correlation)
    ) as listed (
        component, value_range, component_variance, covariance, correlation, scaled_covariance, scaled_correlation
    )
),
weighted as (
    select
        score_name, component, weight, unit_weight, component_variance, variance, scored.covariance,
        scored.correlation
    from unpivoted
    inner join config.cfg_score_weights using (component)
    cross join lateral (
        values
            ('clv_score', weight::double precision, score_variance, unpivoted.covariance, unpivoted.correlation),
            (
                'clv_score_scaled', coalesce(weight / nullif(value_range, 0), 0), scaled_variance,
                scaled_covariance, scaled_correlation
            )
    ) as scored (score_name, unit_weight, variance, covariance, correlation)
)
select
    score_name, component, weight,
    (unit_weight * unit_weight * component_variance / nullif(variance, 0))::numeric(9, 6) as variance_share,
    (
        unit_weight * covariance / nullif(sum(unit_weight * covariance) over (partition by score_name), 0)
    )::numeric(9, 6) as covariance_share,
    correlation::numeric(9, 6) as score_correlation
from weighted;

alter table marts.rpt_score_components
    add primary key (score_name, component),
    alter weight set not null;
