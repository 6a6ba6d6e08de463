with

cluster_runs as (

    select * from {{ ref('stg_ml__cluster_runs') }}

),

listed as (

    select
        run_id,
        recipe_name,
        population,
        features,
        transformation,
        scaler,
        algorithm,
        cluster_count,
        random_seed,
        initialisations,
        tolerance,
        data_fingerprint,
        training_customers,
        labelled_customers,
        inertia,
        silhouette,
        bootstrap_ari,
        split_half_ari,
        ward_ari,
        moved_share,
        decision,
        library_versions,
        activations,
        is_current,
        trained_at,
        activated_at

    from cluster_runs

)

select * from listed
