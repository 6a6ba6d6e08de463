{# Intention to treat: everybody counts in the arm that was drawn; no outcome is none (D-032). #}
with

campaigns as (

    select * from {{ ref('stg_ops__campaigns') }}

),

campaign_customers as (

    select * from {{ ref('fct_campaign_customers') }}

),

levels as (

    select * from {{ ref('int_campaign_levels') }}

),

counted as (

    select
        {% for arm in ['treatment', 'control'] %}
            {% set of_arm = "filter (where arm = '" ~ arm ~ "'" %}
            count(*) {{ of_arm }}) as {{ arm }}_customers,
            count(*) {{ of_arm }} and has_outcome) as {{ arm }}_outcomes,
            count(*) {{ of_arm }} and is_converted) as {{ arm }}_conversions,
            {{ to_double('count(*) ' ~ of_arm ~ ' and is_converted)') }}
            / nullif(count(*) {{ of_arm }}), 0) as {{ arm }}_rate,
            avg(revenue) {{ of_arm }}) as {{ arm }}_mean_revenue,
        {% endfor %}
        campaign_name

    from campaign_customers

    group by campaign_name

),

revenue_lifts as (

    {{ cuped(
        'campaign_customers', ['campaign_name'], "arm = 'treatment'", 'revenue', 'monthly_bill_amount'
    ) }}

),

compared as (

    select
        counted.*,
        campaigns.offer_key,
        campaigns.extract_date,
        campaigns.is_intact,
        levels.z_confidence,
        levels.z_power,
        levels.sample_ratio_alarm,
        {# before the first outcome the control's rate is not known #}
        case
            when counted.treatment_outcomes + counted.control_outcomes = 0
                then levels.campaign_baseline_rate
            else counted.control_rate
        end as rate_without,
        {% for bound in ['lower', 'upper'] %}
            {{ newcombe(
                'counted.treatment_conversions', 'counted.treatment_customers',
                'counted.control_conversions', 'counted.control_customers',
                'levels.z_confidence', bound
            ) }} as lift_{{ bound }},
        {% endfor %}
        {{ sample_ratio_mismatch(
            'counted.control_customers', 'counted.treatment_customers', 'campaigns.holdout_share'
        ) }} as assignment_ratio_p_value,
        {{ sample_ratio_mismatch(
            'counted.control_outcomes',
            'counted.treatment_outcomes',
            to_double('counted.control_customers')
            ~ ' / nullif(counted.control_customers + counted.treatment_customers, 0)'
        ) }} as outcome_ratio_p_value

    from campaigns

    inner join counted
        on campaigns.campaign_name = counted.campaign_name

    cross join levels

),

detectable as (

    {{ detectable_difference(
        'compared', ['campaign_name'], 'rate_without', 'treatment_customers', 'control_customers',
        'z_confidence', 'z_power'
    ) }}

),

judged as (

    select
        compared.campaign_name,
        compared.offer_key,
        compared.extract_date,
        {% for arm in ['treatment', 'control'] %}
            compared.{{ arm }}_customers,
            compared.{{ arm }}_outcomes,
            compared.{{ arm }}_conversions,
            compared.{{ arm }}_rate,
            compared.{{ arm }}_mean_revenue,
        {% endfor %}
        compared.treatment_rate - compared.control_rate as lift,
        compared.lift_lower,
        compared.lift_upper,
        detectable.detectable_difference,
        revenue_lifts.difference as revenue_lift,
        revenue_lifts.standard_error as revenue_lift_standard_error,
        revenue_lifts.difference
        - compared.z_confidence * revenue_lifts.standard_error as revenue_lift_lower,
        revenue_lifts.difference
        + compared.z_confidence * revenue_lifts.standard_error as revenue_lift_upper,
        revenue_lifts.plain_difference as plain_revenue_lift,
        revenue_lifts.variance_reduction,
        compared.assignment_ratio_p_value,
        compared.outcome_ratio_p_value,
        compared.is_intact,
        {{ campaign_verdict('compared', 'detectable.detectable_difference') }} as verdict

    from compared

    inner join revenue_lifts
        on compared.campaign_name = revenue_lifts.campaign_name

    inner join detectable
        on compared.campaign_name = detectable.campaign_name

)

select * from judged
