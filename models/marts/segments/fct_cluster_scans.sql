with

cluster_scans as (

    select * from {{ ref('stg_ml__cluster_scans') }}

),

cluster_runs as (

    select * from {{ ref('fct_cluster_runs') }}

),

compared as (

    select
        cluster_scans.run_id,
        cluster_scans.cluster_count,
        cluster_runs.recipe_name,
        cluster_scans.inertia,
        cluster_scans.silhouette,
        cluster_scans.calinski_harabasz,
        cluster_scans.davies_bouldin,
        cluster_scans.gap,
        cluster_scans.gap_error,
        cluster_scans.votes,
        cluster_scans.is_chosen,
        cluster_runs.is_current

    from cluster_scans

    inner join cluster_runs
        on cluster_scans.run_id = cluster_runs.run_id

)

select * from compared
