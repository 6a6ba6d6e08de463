with

extract_loads as (

    select * from {{ source('raw', 'extract_loads') }}

),

-- once more: of a step with two readers no reader runs in parallel
all_loads as (

    select * from {{ source('raw', 'extract_loads') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

seed_load as (

    select
        cast(0 as bigint) as load_id,
        'bundled synthetic extract' as file_name,
        cast(null as text) as file_sha256,
        cast(null as bigint) as counted_rows,
        bundled_extract_date as extract_date,
        cast(null as timestamp with time zone) as loaded_at

    from parameters

    where not exists (select all_loads.load_id from all_loads)

),

unioned as (

    select
        load_id,
        file_name,
        file_sha256,
        delivered_rows as counted_rows,
        extract_date,
        loaded_at

    from extract_loads

    union all

    select
        load_id,
        file_name,
        file_sha256,
        counted_rows,
        extract_date,
        loaded_at

    from seed_load

)

select * from unioned
