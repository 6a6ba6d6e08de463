with

cluster_runs as (

    select * from {{ source('ml', 'cluster_runs') }}

),

cluster_activations as (

    select * from {{ ref('stg_ml__cluster_activations') }}

),

marked as (

    select
        cluster_runs.run_id,
        cluster_runs.recipe_name,
        cluster_runs.population,
        cluster_runs.features,
        cluster_runs.transformation,
        cluster_runs.scaler,
        cluster_runs.algorithm,
        cluster_runs.cluster_count,
        cluster_runs.random_seed,
        cluster_runs.initialisations,
        cluster_runs.tolerance,
        cluster_runs.data_fingerprint,
        cluster_runs.training_customers,
        cluster_runs.labelled_customers,
        cluster_runs.inertia,
        cluster_runs.silhouette,
        cluster_runs.bootstrap_ari,
        cluster_runs.split_half_ari,
        cluster_runs.ward_ari,
        cluster_runs.moved_share,
        cluster_runs.decision,
        cluster_runs.library_versions,
        coalesce(cluster_activations.activations, 0) as activations,
        coalesce(cluster_activations.is_current, false) as is_current,
        cluster_runs.trained_at,
        cluster_activations.activated_at

    from cluster_runs

    left join cluster_activations
        on cluster_runs.run_id = cluster_activations.run_id

)

select * from marked
