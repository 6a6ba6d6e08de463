{#
  Names come from the profile, not from the number: the two features that lie farthest from the
  mean, in words (D-009). A feature that the run does without has no centre.
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

worded as (

    select
        cluster_centroids.run_id,
        cluster_centroids.cluster_id,
        cluster_centroids.feature_name,
        cluster_centroids.centroid_value,
        cluster_centroids.centroid_deviation,
        case
            when cluster_centroids.centroid_deviation < 0 then cluster_features.low_words
            else cluster_features.high_words
        end as feature_words,
        row_number() over (
            partition by cluster_centroids.cluster_id
            order by
                abs(cluster_centroids.centroid_deviation) desc, cluster_features.feature_rank asc
        ) as distance_rank

    from cluster_centroids

    inner join cluster_features
        on cluster_centroids.feature_name = cluster_features.feature_name

),

ranked as (

    select
        run_id,
        cluster_id,
        feature_name,
        centroid_value,
        feature_words,
        feature_words
        || ' ('
        || cast(cast(abs(centroid_deviation) as numeric(12, 1)) as text)
        || ' standard deviations '
        || case when centroid_deviation < 0 then 'below' else 'above' end
        || ' the mean)' as feature_distinction,
        distance_rank

    from worded

),

profiled as (

    select
        run_id,
        cluster_id,
        concat_ws(
            ', ',
            max(feature_words) filter (where distance_rank = 1),
            max(feature_words) filter (where distance_rank = 2)
        ) as profile_words,
        concat_ws(
            ', ',
            max(feature_distinction) filter (where distance_rank = 1),
            max(feature_distinction) filter (where distance_rank = 2)
        ) as distinction,
    {% for feature in cluster_features() %}
        cast(
            max(centroid_value) filter (
                where feature_name = '{{ feature }}'
            ) as numeric(12, 2)
        ) as centroid_{{ feature }}{{ ',' if not loop.last }}
    {% endfor %}

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
        profiled.distinction,
        {% for feature in cluster_features() %}
            profiled.centroid_{{ feature }},
        {% endfor %}
        cluster_overlaps.jaccard,
        profiled.run_id

    from profiled

    left join cluster_overlaps
        on
            profiled.run_id = cluster_overlaps.run_id
            and profiled.cluster_id = cluster_overlaps.cluster_id

)

select * from named
