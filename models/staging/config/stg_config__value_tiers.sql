with

cfg_value_tiers as (

    select * from {{ ref('cfg_value_tiers') }}

),

typed as (

    select
        value_tier,
        cast(value_tier_rank as integer) as value_tier_rank,
        cast(lower_percentile as numeric(5, 4)) as lower_percentile,
        is_lower_included,
        cast(upper_percentile as numeric(5, 4)) as upper_percentile,
        is_upper_included,
        recommended_attention

    from cfg_value_tiers

)

select * from typed
