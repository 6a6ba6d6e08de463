with

checked_rows as (

    select * from {{ ref('stg_nexasat__checked_rows') }}

),

extract_rows as (

    select * from {{ ref('stg_nexasat__extract_rows') }}

),

rejected as (

    select
        checked_rows.load_id,
        checked_rows.line_number,
        extract_rows.customer_id,
        checked_rows.reasons,
        coalesce(
            extract_rows.raw_record, {{ record_of_fields('extract_rows') }}
        ) as raw_record

    from checked_rows

    inner join extract_rows
        on checked_rows.line_number = extract_rows.line_number

    where checked_rows.reasons is not null

)

select * from rejected
