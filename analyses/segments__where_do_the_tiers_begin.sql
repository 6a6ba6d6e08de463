{#
  Size of each tier and the scores between which it lies.
  Trap: the cut-offs are continuous percentiles over the scores of active customers, rounded to two
  decimals by exact arithmetic. Discrete percentiles, ntile, floats or the scores of everybody
  give other sizes. A score at the 85th percentile is Moderate Value; one at the 50th is, too.
#}
with

segments as (

    select * from {{ ref('dim_segments') }}

),

segment_profiles as (

    select * from {{ ref('rpt_segment_profiles') }}

),

bounded as (

    select
        segments.value_tier,
        segments.value_tier_rank,
        segment_profiles.customers,
        segments.lower_percentile,
        segments.lower_clv_score,
        segments.upper_percentile,
        segments.upper_clv_score

    from segments

    inner join segment_profiles
        on segments.value_tier = segment_profiles.value_tier

)

select * from bounded
