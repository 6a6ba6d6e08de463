with

cfg_score_weights as (

    select * from {{ ref('cfg_score_weights') }}

),

typed as (

    select
        component,
        cast(weight as numeric(5, 4)) as weight

    from cfg_score_weights

)

select * from typed
