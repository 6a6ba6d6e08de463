{# Four rows that cost a sort of all scores, read by two models: a table (D-004). #}
{{ config(materialized='table') }}

with

customers_scored as (

    select * from {{ ref('int_customers_scored') }}

),

value_tiers as (

    select * from {{ ref('stg_config__value_tiers') }}

),

cut_offs as (

    select
        value_tiers.value_tier_rank,
        percentile_cont(value_tiers.lower_percentile) within group (
            order by customers_scored.clv_score
        ) as lower_clv_score

    from value_tiers

    cross join customers_scored

    where
        not customers_scored.is_churned
        and value_tiers.lower_percentile is not null

    group by
        value_tiers.value_tier_rank,
        value_tiers.lower_percentile

),

bounded as (

    select
        value_tiers.value_tier,
        value_tiers.value_tier_rank,
        value_tiers.lower_percentile,
        value_tiers.is_lower_included,
        cast(lower_cut_offs.lower_clv_score as numeric(12, 6)) as lower_clv_score,
        value_tiers.upper_percentile,
        value_tiers.is_upper_included,
        cast(upper_cut_offs.lower_clv_score as numeric(12, 6)) as upper_clv_score,
        value_tiers.recommended_attention

    from value_tiers

    left join cut_offs as lower_cut_offs
        on value_tiers.value_tier_rank = lower_cut_offs.value_tier_rank

    left join cut_offs as upper_cut_offs
        on value_tiers.value_tier_rank = upper_cut_offs.value_tier_rank + 1

)

select * from bounded
