with

cfg_cluster_recipes as (

    select * from {{ ref('cfg_cluster_recipes') }}

),

typed as (

    select
        recipe_name,
        is_default,
        cast(cluster_count as integer) as cluster_count,
        cast(random_seed as integer) as random_seed,
        cast(initialisations as integer) as initialisations,
        cast(training_limit as integer) as training_limit

    from cfg_cluster_recipes

)

select * from typed
