with

cluster_runs as (

    select * from {{ source('ml', 'cluster_runs') }}

),

ranked as (

    select
        run_id,
        recipe_name,
        cluster_count,
        random_seed,
        initialisations,
        training_customers,
        labelled_customers,
        inertia,
        silhouette,
        library_versions,
        row_number() over (order by trained_at desc, run_id asc) = 1 as is_current,
        trained_at

    from cluster_runs

)

select * from ranked
