with

customer_clusters as (

    select * from {{ source('ml', 'customer_clusters') }}

),

cluster_runs as (

    select * from {{ ref('stg_ml__cluster_runs') }}

),

current_run as (

    select
        customer_clusters.customer_id,
        customer_clusters.cluster_id,
        customer_clusters.run_id

    from customer_clusters

    inner join cluster_runs
        on customer_clusters.run_id = cluster_runs.run_id

    where cluster_runs.is_current

)

select * from current_run
