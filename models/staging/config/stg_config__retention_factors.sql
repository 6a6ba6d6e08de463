with

cfg_retention_factors as (

    select * from {{ ref('cfg_retention_factors') }}

),

typed as (

    select
        is_churned,
        cast(retention_factor as numeric(5, 4)) as retention_factor

    from cfg_retention_factors

)

select * from typed
