{# One line for each parameter: its name and type. #}
{% set parameters = [
    ('bundled_extract_date', 'date'),
    ('maximum_tenure_months', 'integer'),
    ('maximum_monthly_bill_amount', 'integer'),
    ('maximum_call_duration', 'integer'),
    ('maximum_data_usage', 'integer'),
    ('maximum_customer_id_length', 'integer'),
    ('outlier_iqr_multiplier', 'numeric(5, 2)'),
    ('outlier_sd_multiplier', 'numeric(5, 2)'),
    ('survival_confidence', 'numeric(5, 4)'),
    ('hazard_root_hazard', 'numeric(7, 6)'),
    ('hazard_root_shrinkage_customers', 'numeric(9, 2)'),
    ('hazard_shrinkage_customers', 'numeric(9, 2)'),
    ('hazard_plan_shrinkage_customers', 'numeric(9, 2)'),
    ('hazard_tail_shrinkage_months', 'numeric(9, 2)'),
    ('hazard_minimum_at_risk', 'integer'),
    ('hazard_recent_months', 'integer'),
    ('backtest_months', 'integer'),
    ('scorecard_tolerance', 'numeric(5, 4)'),
    ('annual_discount_rate', 'numeric(7, 6)'),
    ('at_risk_churn_probability', 'numeric(5, 4)'),
    ('bootstrap_samples', 'integer'),
    ('bootstrap_seed', 'integer'),
    ('universal_holdout_share', 'numeric(5, 4)'),
    ('contact_period_days', 'integer'),
    ('campaign_holdout_share', 'numeric(5, 4)'),
    ('campaign_baseline_rate', 'numeric(5, 4)'),
    ('campaign_lift', 'numeric(5, 4)'),
    ('campaign_confidence', 'numeric(5, 4)'),
    ('campaign_power', 'numeric(5, 4)'),
    ('sample_ratio_alarm', 'numeric(7, 6)'),
    ('drift_index_bound', 'numeric(7, 4)'),
    ('drift_moved_bound', 'numeric(7, 4)'),
    ('drift_smallest_share', 'numeric(7, 4)'),
] %}

with

cfg_parameters as (

    select * from {{ ref('cfg_parameters') }}

),

pivoted as (

    select
    {% for name, type in parameters %}
            max(parameter_value) filter (
                where parameter = '{{ name }}'
            ) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}

    from cfg_parameters

),

typed as (

    select
    {% for name, type in parameters %}
            cast({{ name }} as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {% endfor %}

    from pivoted

)

select * from typed
