with

cluster_recipes as (

    select * from {{ ref('stg_config__cluster_recipes') }}

),

listed as (

    select
        recipe_name,
        is_default,
        population,
        features,
        transformation,
        scaler,
        algorithm,
        cluster_count_from,
        cluster_count_to,
        random_seed,
        initialisations,
        tolerance,
        training_limit,
        stability_floor

    from cluster_recipes

)

select * from listed
