{#
  Both ends of a tier say whether they belong to it: a score at p85 is Moderate Value (D-002). Without
  active customers there are no cut-offs and nobody has a tier.
#}
with

customers_scored as (

    select * from {{ ref('int_customers_scored') }}

),

value_tiers as (

    select * from {{ ref('int_value_tiers_bounded') }}

),

tiered as (

    select
        customers_scored.customer_id,
        customers_scored.is_churned,
        customers_scored.clv_score,
        value_tiers.value_tier,
        value_tiers.value_tier_rank

    from customers_scored

    inner join value_tiers
        on
            (
                value_tiers.lower_percentile is null
                or customers_scored.clv_score > value_tiers.lower_clv_score
                or (
                    value_tiers.is_lower_included
                    and customers_scored.clv_score = value_tiers.lower_clv_score
                )
            )
            and (
                value_tiers.upper_percentile is null
                or customers_scored.clv_score < value_tiers.upper_clv_score
                or (
                    value_tiers.is_upper_included
                    and customers_scored.clv_score = value_tiers.upper_clv_score
                )
            )

)

select * from tiered
