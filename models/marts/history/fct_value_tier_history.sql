{#
  Says which extracts the history has: the synthetic one only until a file was loaded, so that its
  customers never seem to leave (D-044).
#}
with

segments as (

    select * from {{ ref('dim_segments') }}

),

segment_profiles as (

    select * from {{ ref('rpt_segment_profiles') }}

),

score_weights as (

    select * from {{ ref('stg_config__score_weights') }}

),

loads as (

    select * from {{ ref('stg_nexasat__loads') }}

),

last_history as (

    {{ history_so_far() }}

),

kept as (

    select *

    from last_history

    where load_id > 0

),

weights as (

    select
        {{ score_weights_pivoted() }}

    from score_weights

),

in_force as (

    select
        loads.extract_date,
        segments.value_tier,
        segments.value_tier_rank,
        loads.load_id,
        segments.lower_percentile,
        segments.is_lower_included,
        segments.lower_clv_score,
        segments.upper_percentile,
        segments.is_upper_included,
        segments.upper_clv_score,
        weights.bill_weight,
        weights.tenure_weight,
        weights.call_weight,
        weights.data_weight,
        weights.premium_weight,
        segment_profiles.customers,
        segment_profiles.mrr,
        segment_profiles.mean_churn_probability_12m

    from segments

    inner join segment_profiles
        on segments.value_tier = segment_profiles.value_tier

    cross join weights

    cross join loads

    where
        loads.load_id > 0
        or not exists (select kept.load_id from kept)

),

joined as (

    select
        extract_date,
        value_tier,
        value_tier_rank,
        load_id,
        lower_percentile,
        is_lower_included,
        lower_clv_score,
        upper_percentile,
        is_upper_included,
        upper_clv_score,
        bill_weight,
        tenure_weight,
        call_weight,
        data_weight,
        premium_weight,
        customers,
        mrr,
        mean_churn_probability_12m

    from in_force

    union all

    select
        extract_date,
        value_tier,
        value_tier_rank,
        load_id,
        lower_percentile,
        is_lower_included,
        lower_clv_score,
        upper_percentile,
        is_upper_included,
        upper_clv_score,
        bill_weight,
        tenure_weight,
        call_weight,
        data_weight,
        premium_weight,
        customers,
        mrr,
        mean_churn_probability_12m

    from kept

    where extract_date not in (select in_force.extract_date from in_force)

)

select * from joined
