with

checked_rows as (

    select * from {{ ref('stg_nexasat__checked_rows') }}

),

extract_rows as (

    select * from {{ ref('stg_nexasat__extract_rows') }}

),

files as (

    select * from {{ ref('stg_nexasat__files') }}

),

rejected as (

    select
        checked_rows.load_id,
        checked_rows.line_number,
        extract_rows.customer_id,
        files.file_name,
        checked_rows.line_number - files.first_line + 1 as file_line_number,
        checked_rows.reasons,
        coalesce(
            extract_rows.raw_record, {{ record_of_fields('extract_rows') }}
        ) as raw_record

    from checked_rows

    inner join extract_rows
        on checked_rows.line_number = extract_rows.line_number

    inner join files
        on
            checked_rows.load_id = files.load_id
            and checked_rows.line_number >= files.first_line
            and checked_rows.line_number <= coalesce(files.last_line, checked_rows.line_number)

    where checked_rows.reasons is not null

)

select * from rejected
