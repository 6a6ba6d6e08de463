{#
  Names come from the profile, not from the number: the two features that lie farthest from the
  mean, in words (D-009).
#}
with

cluster_centroids as (

    select * from {{ ref('stg_ml__cluster_centroids') }}

),

cluster_features as (

    select * from {{ ref('stg_config__cluster_features') }}

),

cluster_overlaps as (

    select * from {{ ref('stg_ml__cluster_overlaps') }}

),

ranked as (

    select
        cluster_centroids.run_id,
        cluster_centroids.cluster_id,
        cluster_centroids.feature_name,
        cluster_centroids.centroid_value,
        case
            when cluster_centroids.centroid_scaled < 0 then cluster_features.low_words
            else cluster_features.high_words
        end as feature_words,
        row_number() over (
            partition by cluster_centroids.cluster_id
            order by abs(cluster_centroids.centroid_scaled) desc, cluster_features.feature_rank asc
        ) as distance_rank

    from cluster_centroids

    inner join cluster_features
        on cluster_centroids.feature_name = cluster_features.feature_name

),

profiled as (

    select
        run_id,
        cluster_id,
        max(feature_words) filter (where distance_rank = 1)
        || ', '
        || max(feature_words) filter (where distance_rank = 2) as profile_words,
        max(centroid_value) filter (
            where feature_name = 'monthly_bill_amount'
        ) as centroid_monthly_bill_amount,
        max(centroid_value) filter (where feature_name = 'tenure_months') as centroid_tenure_months,
        max(centroid_value) filter (where feature_name = 'data_usage') as centroid_data_usage,
        max(centroid_value) filter (where feature_name = 'call_duration') as centroid_call_duration

    from ranked

    group by
        run_id,
        cluster_id

),

named as (

    select
        profiled.cluster_id,
        case
            when count(*) over (partition by profiled.profile_words) > 1
                then profiled.profile_words || ' (' || profiled.cluster_id || ')'
            else profiled.profile_words
        end as cluster_name,
        cast(
            profiled.centroid_monthly_bill_amount as numeric(12, 2)
        ) as centroid_monthly_bill_amount,
        cast(profiled.centroid_tenure_months as numeric(12, 2)) as centroid_tenure_months,
        cast(profiled.centroid_data_usage as numeric(12, 2)) as centroid_data_usage,
        cast(profiled.centroid_call_duration as numeric(12, 2)) as centroid_call_duration,
        cluster_overlaps.jaccard,
        profiled.run_id

    from profiled

    left join cluster_overlaps
        on
            profiled.run_id = cluster_overlaps.run_id
            and profiled.cluster_id = cluster_overlaps.cluster_id

)

select * from named
