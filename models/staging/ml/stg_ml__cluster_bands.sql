with

cluster_bands as (

    select * from {{ source('ml', 'cluster_bands') }}

),

cluster_runs as (

    select * from {{ ref('stg_ml__cluster_runs') }}

),

current_run as (

    select
        cluster_bands.run_id,
        cluster_bands.feature_name,
        cluster_bands.band_number,
        cluster_bands.upper_value,
        cluster_bands.training_share

    from cluster_bands

    inner join cluster_runs
        on cluster_bands.run_id = cluster_runs.run_id

    where cluster_runs.is_current

)

select * from current_run
