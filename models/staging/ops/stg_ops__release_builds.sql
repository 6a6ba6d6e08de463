with

release_builds as (

    select * from {{ source('ops', 'release_builds') }}

),

begun as (

    select
        build_id,
        started_at

    from release_builds

)

select * from begun
