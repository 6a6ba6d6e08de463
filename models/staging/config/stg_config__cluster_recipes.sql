with

cfg_cluster_recipes as (

    select * from {{ ref('cfg_cluster_recipes') }}

),

typed as (

    select
        recipe_name,
        is_default,
        population,
        features,
        transformation,
        scaler,
        algorithm,
        cast(cluster_count_from as integer) as cluster_count_from,
        cast(cluster_count_to as integer) as cluster_count_to,
        cast(random_seed as integer) as random_seed,
        cast(initialisations as integer) as initialisations,
        cast(tolerance as numeric(7, 6)) as tolerance,
        cast(training_limit as integer) as training_limit,
        cast(stability_floor as numeric(5, 4)) as stability_floor

    from cfg_cluster_recipes

)

select * from typed
