with

cluster_centroids as (

    select * from {{ source('ml', 'cluster_centroids') }}

),

cluster_runs as (

    select * from {{ ref('stg_ml__cluster_runs') }}

),

current_run as (

    select
        cluster_centroids.run_id,
        cluster_centroids.cluster_id,
        cluster_centroids.feature_name,
        cluster_centroids.centroid_value,
        cluster_centroids.centroid_scaled,
        -- runs of up to version 0.3 were all scaled by mean and standard deviation
        coalesce(
            cluster_centroids.centroid_deviation, cluster_centroids.centroid_scaled
        ) as centroid_deviation

    from cluster_centroids

    inner join cluster_runs
        on cluster_centroids.run_id = cluster_runs.run_id

    where cluster_runs.is_current

)

select * from current_run
