{# A loaded file goes before the bundled seed, which serves while nothing was loaded (D-003). #}
with

bundled_rows as (

    select * from {{ ref('stg_nexasat__seed_rows') }}

),

loads as (

    select * from {{ ref('stg_nexasat__loads') }}

),

extract_rows as (

    select * from {{ source('raw', 'extract_rows') }}

),

seed_rows as (

    select
        cast(0 as bigint) as load_id,
        line_number,
        cast(null as text) as raw_record,
    {% for column in extract_columns() %}
        {{ column }}{{ ',' if not loop.last }}
    {% endfor %}

    from bundled_rows

    where 0 in (select loads.load_id from loads)

),

unioned as (

    select
        load_id,
        line_number,
        raw_record,
    {% for column in extract_columns() %}
        {{ column }}{{ ',' if not loop.last }}
    {% endfor %}

    from extract_rows

    union all

    select
        load_id,
        line_number,
        raw_record,
    {% for column in extract_columns() %}
        {{ column }}{{ ',' if not loop.last }}
    {% endfor %}

    from seed_rows

),

trimmed as (

    select
        load_id,
        line_number,
        raw_record,
    {% for column in extract_columns() %}
        nullif(trim({{ column }}), '') as {{ column }}{{ ',' if not loop.last }}
    {% endfor %}

    from unioned

)

select * from trimmed
