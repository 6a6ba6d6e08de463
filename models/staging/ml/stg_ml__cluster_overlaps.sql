with

cluster_overlaps as (

    select * from {{ source('ml', 'cluster_overlaps') }}

),

measured as (

    select
        run_id,
        cluster_id,
        jaccard

    from cluster_overlaps

)

select * from measured
