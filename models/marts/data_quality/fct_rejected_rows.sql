with

checked_rows as (

    select * from {{ ref('stg_nexasat__checked_rows') }}

),

rejected as (

    select
        load_id,
        line_number,
        customer_id,
        reasons,
        raw_record

    from checked_rows

    where reasons is not null

)

select * from rejected
