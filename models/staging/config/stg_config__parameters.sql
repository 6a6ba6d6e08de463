with

cfg_parameters as (

    select * from {{ ref('cfg_parameters') }}

),

pivoted as (

    select
        max(parameter_value) filter (
            where parameter = 'bundled_extract_date'
        ) as bundled_extract_date,
        max(parameter_value) filter (
            where parameter = 'maximum_tenure_months'
        ) as maximum_tenure_months,
        max(parameter_value) filter (
            where parameter = 'maximum_monthly_bill_amount'
        ) as maximum_monthly_bill_amount,
        max(parameter_value) filter (
            where parameter = 'maximum_call_duration'
        ) as maximum_call_duration,
        max(parameter_value) filter (
            where parameter = 'maximum_data_usage'
        ) as maximum_data_usage,
        max(parameter_value) filter (
            where parameter = 'maximum_customer_id_length'
        ) as maximum_customer_id_length,
        max(parameter_value) filter (
            where parameter = 'outlier_iqr_multiplier'
        ) as outlier_iqr_multiplier,
        max(parameter_value) filter (
            where parameter = 'outlier_sd_multiplier'
        ) as outlier_sd_multiplier,
        max(parameter_value) filter (
            where parameter = 'survival_confidence'
        ) as survival_confidence,
        max(parameter_value) filter (
            where parameter = 'hazard_root_hazard'
        ) as hazard_root_hazard,
        max(parameter_value) filter (
            where parameter = 'hazard_root_shrinkage_customers'
        ) as hazard_root_shrinkage_customers,
        max(parameter_value) filter (
            where parameter = 'hazard_shrinkage_customers'
        ) as hazard_shrinkage_customers,
        max(parameter_value) filter (
            where parameter = 'hazard_plan_shrinkage_customers'
        ) as hazard_plan_shrinkage_customers,
        max(parameter_value) filter (
            where parameter = 'hazard_tail_shrinkage_months'
        ) as hazard_tail_shrinkage_months,
        max(parameter_value) filter (
            where parameter = 'hazard_minimum_at_risk'
        ) as hazard_minimum_at_risk,
        max(parameter_value) filter (
            where parameter = 'hazard_recent_months'
        ) as hazard_recent_months,
        max(parameter_value) filter (
            where parameter = 'backtest_months'
        ) as backtest_months,
        max(parameter_value) filter (
            where parameter = 'scorecard_tolerance'
        ) as scorecard_tolerance,
        max(parameter_value) filter (
            where parameter = 'annual_discount_rate'
        ) as annual_discount_rate,
        max(parameter_value) filter (
            where parameter = 'at_risk_churn_probability'
        ) as at_risk_churn_probability,
        max(parameter_value) filter (
            where parameter = 'bootstrap_samples'
        ) as bootstrap_samples,
        max(parameter_value) filter (
            where parameter = 'bootstrap_seed'
        ) as bootstrap_seed,
        max(parameter_value) filter (
            where parameter = 'universal_holdout_share'
        ) as universal_holdout_share,
        max(parameter_value) filter (
            where parameter = 'contact_period_days'
        ) as contact_period_days,
        max(parameter_value) filter (
            where parameter = 'contact_cost_amount'
        ) as contact_cost_amount,
        max(parameter_value) filter (
            where parameter = 'campaign_holdout_share'
        ) as campaign_holdout_share,
        max(parameter_value) filter (
            where parameter = 'campaign_baseline_rate'
        ) as campaign_baseline_rate,
        max(parameter_value) filter (
            where parameter = 'campaign_lift'
        ) as campaign_lift,
        max(parameter_value) filter (
            where parameter = 'campaign_confidence'
        ) as campaign_confidence,
        max(parameter_value) filter (
            where parameter = 'campaign_power'
        ) as campaign_power,
        max(parameter_value) filter (
            where parameter = 'sample_ratio_alarm'
        ) as sample_ratio_alarm,
        max(parameter_value) filter (
            where parameter = 'drift_index_bound'
        ) as drift_index_bound,
        max(parameter_value) filter (
            where parameter = 'drift_moved_bound'
        ) as drift_moved_bound,
        max(parameter_value) filter (
            where parameter = 'drift_smallest_share'
        ) as drift_smallest_share

    from cfg_parameters

),

typed as (

    select
        cast(bundled_extract_date as date) as bundled_extract_date,
        cast(maximum_tenure_months as integer) as maximum_tenure_months,
        cast(maximum_monthly_bill_amount as integer) as maximum_monthly_bill_amount,
        cast(maximum_call_duration as integer) as maximum_call_duration,
        cast(maximum_data_usage as integer) as maximum_data_usage,
        cast(maximum_customer_id_length as integer) as maximum_customer_id_length,
        cast(outlier_iqr_multiplier as numeric(5, 2)) as outlier_iqr_multiplier,
        cast(outlier_sd_multiplier as numeric(5, 2)) as outlier_sd_multiplier,
        cast(survival_confidence as numeric(5, 4)) as survival_confidence,
        cast(hazard_root_hazard as numeric(7, 6)) as hazard_root_hazard,
        cast(hazard_root_shrinkage_customers as numeric(9, 2)) as hazard_root_shrinkage_customers,
        cast(hazard_shrinkage_customers as numeric(9, 2)) as hazard_shrinkage_customers,
        cast(hazard_plan_shrinkage_customers as numeric(9, 2)) as hazard_plan_shrinkage_customers,
        cast(hazard_tail_shrinkage_months as numeric(9, 2)) as hazard_tail_shrinkage_months,
        cast(hazard_minimum_at_risk as integer) as hazard_minimum_at_risk,
        cast(hazard_recent_months as integer) as hazard_recent_months,
        cast(backtest_months as integer) as backtest_months,
        cast(scorecard_tolerance as numeric(5, 4)) as scorecard_tolerance,
        cast(annual_discount_rate as numeric(7, 6)) as annual_discount_rate,
        cast(at_risk_churn_probability as numeric(5, 4)) as at_risk_churn_probability,
        cast(bootstrap_samples as integer) as bootstrap_samples,
        cast(bootstrap_seed as integer) as bootstrap_seed,
        cast(universal_holdout_share as numeric(5, 4)) as universal_holdout_share,
        cast(contact_period_days as integer) as contact_period_days,
        cast(contact_cost_amount as numeric(12, 2)) as contact_cost_amount,
        cast(campaign_holdout_share as numeric(5, 4)) as campaign_holdout_share,
        cast(campaign_baseline_rate as numeric(5, 4)) as campaign_baseline_rate,
        cast(campaign_lift as numeric(5, 4)) as campaign_lift,
        cast(campaign_confidence as numeric(5, 4)) as campaign_confidence,
        cast(campaign_power as numeric(5, 4)) as campaign_power,
        cast(sample_ratio_alarm as numeric(7, 6)) as sample_ratio_alarm,
        cast(drift_index_bound as numeric(7, 4)) as drift_index_bound,
        cast(drift_moved_bound as numeric(7, 4)) as drift_moved_bound,
        cast(drift_smallest_share as numeric(7, 4)) as drift_smallest_share

    from pivoted

)

select * from typed
