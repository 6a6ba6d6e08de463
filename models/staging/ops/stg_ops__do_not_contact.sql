with

do_not_contact as (

    select * from {{ source('ops', 'do_not_contact') }}

),

listed as (

    select
        customer_id,
        stated_reason,
        added_date

    from do_not_contact

)

select * from listed
