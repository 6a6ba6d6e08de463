{#
  The score of everybody, churned customers too: the churn rate of a tier needs them. The scaled
  score is of active customers, whose range it scales by. A table since three models read it (D-004).
#}
{{ config(materialized='table') }}
{%- set premium_flag = "case when plan_level = 'Premium' then 1 else 0 end" %}

with

customers_featured as (

    select * from {{ ref('int_customers_featured') }}

),

-- once more: a step with two readers is written out in full
active_customers as (

    select * from {{ ref('int_customers_featured') }}

    where not is_churned

),

score_weights as (

    select * from {{ ref('stg_config__score_weights') }}

),

weights as (

    select
        {{ score_weights_pivoted() }}

    from score_weights

),

components as (

    select
        customer_id,
        is_churned,
        monthly_bill_amount,
        tenure_months,
        call_duration,
        data_usage,
        historical_clv,
        proxy_clv,
        {{ premium_flag }} as premium_flag

    from customers_featured

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
        min({{ premium_flag }}) as lowest_premium,
        nullif(max({{ premium_flag }}) - min({{ premium_flag }}), 0) as premium_range

    from active_customers

),

scored as (

    select
        components.customer_id,
        components.is_churned,
        {{ clv_score('weights', 'components') }} as clv_score,
        case
            when not components.is_churned
                then cast(
                        weights.bill_weight * coalesce(
                            (components.monthly_bill_amount - ranges.lowest_bill)
                            / ranges.bill_range,
                            0
                        )
                        + weights.tenure_weight * coalesce(
                            cast(components.tenure_months - ranges.lowest_tenure as numeric(12, 2))
                            / ranges.tenure_range, 0
                        )
                        + weights.call_weight * coalesce(
                            cast(components.call_duration - ranges.lowest_call as numeric(12, 2))
                            / ranges.call_range, 0
                        )
                        + weights.data_weight * coalesce(
                            (components.data_usage - ranges.lowest_data) / ranges.data_range, 0
                        )
                        + weights.premium_weight * coalesce(
                            cast(components.premium_flag - ranges.lowest_premium as numeric(12, 2))
                            / ranges.premium_range, 0
                        )
                        as numeric(9, 6)
                    )
        end as clv_score_scaled,
        components.historical_clv,
        components.proxy_clv

    from components

    cross join weights

    cross join ranges

)

select * from scored
