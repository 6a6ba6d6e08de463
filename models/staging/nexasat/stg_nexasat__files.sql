{# The seed, and what was loaded before files were noted, is one file without an end. #}
with

extract_files as (

    select * from {{ source('raw', 'extract_files') }}

),

loads as (

    select * from {{ ref('stg_nexasat__loads') }}

),

unnoted as (

    select
        load_id,
        file_name,
        1 as first_line,
        cast(null as bigint) as last_line

    from loads

    where load_id not in (select extract_files.load_id from extract_files)

),

unioned as (

    select
        load_id,
        file_name,
        first_line,
        last_line

    from extract_files

    union all

    select
        load_id,
        file_name,
        first_line,
        last_line

    from unnoted

)

select * from unioned
