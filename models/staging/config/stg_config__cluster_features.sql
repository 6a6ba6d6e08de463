with

cfg_cluster_features as (

    select * from {{ ref('cfg_cluster_features') }}

),

typed as (

    select
        feature_name,
        cast(feature_rank as integer) as feature_rank,
        low_words,
        high_words

    from cfg_cluster_features

)

select * from typed
