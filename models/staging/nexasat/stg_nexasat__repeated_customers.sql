{# Usually empty, and costs a count of all ids: a table (D-004). #}
{{ config(materialized='table') }}

with

read_rows as (

    select * from {{ ref('stg_nexasat__read_rows') }}

),

repeated_customers as (

    select
        customer_id,
        max(line_number) as last_line_number

    from read_rows

    where field_reasons is null

    group by customer_id

    having count(*) > 1

)

select * from repeated_customers
