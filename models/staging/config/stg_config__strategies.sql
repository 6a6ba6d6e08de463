with

cfg_strategies as (

    select * from {{ ref('cfg_strategies') }}

),

listed as (

    select
        is_at_risk,
        has_offer,
        strategy_text

    from cfg_strategies

)

select * from listed
