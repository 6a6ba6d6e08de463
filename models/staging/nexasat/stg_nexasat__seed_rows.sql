{#
  A table: PostgreSQL runs no query in parallel that numbers rows, and a view of these would keep the
  million rows of a loaded file on one core (D-004).
#}
{{ config(materialized='table') }}

with

raw_nexasat_customers as (

    select
        *,
        {{ physical_order() }} as delivery_order

    from {{ ref('raw_nexasat_customers') }}

),

numbered as (

    select
        1 + row_number() over (order by delivery_order) as line_number,
    {% for column in extract_columns() %}
        {{ column }}{{ ',' if not loop.last }}
    {% endfor %}

    from raw_nexasat_customers

)

select * from numbered
