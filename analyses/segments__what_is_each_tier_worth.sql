{#
  Revenue, historical CLV, mean bill and mean tenure of each tier.
  Trap: the tier follows the bill more than anything else, so "High Value pays most" is true by
  definition. The churn rate is of everybody scored the same way and says little inside a plan; the mean
  churn probability of the next twelve months stands beside it.
#}
with

segment_profiles as (

    select * from {{ ref('rpt_segment_profiles') }}

),

valued as (

    select
        value_tier,
        value_tier_rank,
        customers,
        mrr,
        historical_clv,
        mean_historical_clv,
        mean_monthly_bill_amount,
        mean_tenure_months,
        churn_rate,
        mean_churn_probability_12m

    from segment_profiles

)

select * from valued
