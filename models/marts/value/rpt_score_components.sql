{#
  Two shares of the variance of a score (D-006): of the component alone, and of the component with
  what it shares with the others, which adds up to 1 over a score.
#}
with

customers as (

    select * from {{ ref('dim_customers') }}

),

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

score_weights as (

    select * from {{ ref('stg_config__score_weights') }}

),

active_customers as (

    select
        {{ to_double('customers.monthly_bill_amount') }} as monthly_bill_amount,
        {{ to_double('customers.tenure_months') }} as tenure_months,
        {{ to_double('customers.call_duration') }} as call_duration,
        {{ to_double('customers.data_usage') }} as data_usage,
        case
            when customers.plan_level = 'Premium' then {{ to_double('1') }}
            else {{ to_double('0') }}
        end as is_premium,
        {{ to_double('customer_value.clv_score') }} as clv_score,
        {{ to_double('customer_value.clv_score_scaled') }} as clv_score_scaled

    from customers

    inner join customer_value
        on customers.customer_id = customer_value.customer_id

    where not customers.is_churned

),

measured as (

    {% for component in [
        'monthly_bill_amount', 'tenure_months', 'call_duration', 'data_usage', 'is_premium'
    ] %}

        select
            '{{ component }}' as component,
            min({{ component }}) as lowest_value,
            max({{ component }}) as highest_value,
            var_pop({{ component }}) as component_variance,
            var_pop(clv_score) as score_variance,
            covar_pop({{ component }}, clv_score) as score_covariance,
            corr({{ component }}, clv_score) as score_correlation,
            var_pop(clv_score_scaled) as scaled_variance,
            covar_pop({{ component }}, clv_score_scaled) as scaled_covariance,
            corr({{ component }}, clv_score_scaled) as scaled_correlation

        from active_customers
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

weighted as (

    select
        'clv_score' as score_name,
        measured.component,
        score_weights.weight,
        {{ to_double('score_weights.weight') }} as unit_weight,
        measured.component_variance,
        measured.score_variance,
        measured.score_covariance,
        measured.score_correlation

    from measured

    inner join score_weights
        on measured.component = score_weights.component

    union all

    select
        'clv_score_scaled' as score_name,
        measured.component,
        score_weights.weight,
        coalesce(
            score_weights.weight
            / nullif(measured.highest_value - measured.lowest_value, 0),
            0
        ) as unit_weight,
        measured.component_variance,
        measured.scaled_variance as score_variance,
        measured.scaled_covariance as score_covariance,
        measured.scaled_correlation as score_correlation

    from measured

    inner join score_weights
        on measured.component = score_weights.component

),

shared as (

    select
        score_name,
        component,
        weight,
        cast(
            unit_weight * unit_weight * component_variance / nullif(score_variance, 0)
            as numeric(9, 6)
        ) as variance_share,
        cast(
            unit_weight * score_covariance
            / nullif(sum(unit_weight * score_covariance) over (partition by score_name), 0)
            as numeric(9, 6)
        ) as covariance_share,
        cast(score_correlation as numeric(9, 6)) as score_correlation

    from weighted

)

select * from shared
