with

cluster_scans as (

    select * from {{ source('ml', 'cluster_scans') }}

),

scanned as (

    select
        run_id,
        cluster_count,
        inertia,
        silhouette,
        calinski_harabasz,
        davies_bouldin,
        gap,
        gap_error,
        votes,
        is_chosen

    from cluster_scans

)

select * from scanned
