with

loads as (

    select * from {{ ref('stg_nexasat__loads') }}

),

extract_rows as (

    select * from {{ ref('stg_nexasat__extract_rows') }}

),

checked_rows as (

    select * from {{ ref('stg_nexasat__checked_rows') }}

),

delivered as (

    select
        load_id,
        count(*) as delivered_rows

    from extract_rows

    group by load_id

),

judged as (

    select
        load_id,
        count(*) filter (where reasons is null) as accepted_rows,
        count(*) filter (where reasons is not null) as rejected_rows

    from checked_rows

    group by load_id

),

audited as (

    select
        loads.load_id,
        loads.file_name,
        loads.file_sha256,
        loads.extract_date,
        coalesce(loads.counted_rows, delivered.delivered_rows) as delivered_rows,
        coalesce(judged.accepted_rows, 0) as accepted_rows,
        coalesce(judged.rejected_rows, 0) as rejected_rows,
        loads.loaded_at

    from loads

    left join delivered
        on loads.load_id = delivered.load_id

    left join judged
        on loads.load_id = judged.load_id

)

select * from audited
