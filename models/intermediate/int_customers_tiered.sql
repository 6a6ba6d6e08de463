{# Without active customers there are no cut-offs and nobody has a tier. #}
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
        on {{ is_within_tier('customers_scored.clv_score', 'value_tiers') }}

)

select * from tiered
