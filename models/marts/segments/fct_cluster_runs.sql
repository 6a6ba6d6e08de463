with

cluster_runs as (

    select * from {{ ref('stg_ml__cluster_runs') }}

),

listed as (

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
        is_current,
        trained_at

    from cluster_runs

)

select * from listed
