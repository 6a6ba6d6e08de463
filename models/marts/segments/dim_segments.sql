with

value_tiers as (

    select * from {{ ref('int_value_tiers_bounded') }}

),

described as (

    select
        value_tier,
        value_tier_rank,
        lower_percentile,
        is_lower_included,
        lower_clv_score,
        upper_percentile,
        is_upper_included,
        upper_clv_score,
        recommended_attention

    from value_tiers

)

select * from described
