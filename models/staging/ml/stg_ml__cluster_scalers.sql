with

cluster_scalers as (

    select * from {{ source('ml', 'cluster_scalers') }}

),

cluster_runs as (

    select * from {{ ref('stg_ml__cluster_runs') }}

),

current_run as (

    select
        cluster_scalers.run_id,
        cluster_scalers.feature_name,
        cluster_scalers.transformation,
        cluster_scalers.feature_mean,
        cluster_scalers.feature_scale

    from cluster_scalers

    inner join cluster_runs
        on cluster_scalers.run_id = cluster_runs.run_id

    where cluster_runs.is_current

)

select * from current_run
