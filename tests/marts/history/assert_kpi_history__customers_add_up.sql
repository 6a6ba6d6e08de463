with

kpi_history as (

    select * from {{ ref('rpt_kpi_history') }}

),

followed as (

    select
        extract_date,
        active_customers,
        lag(active_customers) over (order by extract_date) as active_customers_before,
        entered_customers,
        left_customers

    from kpi_history

),

wrong as (

    select
        extract_date,
        active_customers,
        active_customers_before,
        entered_customers,
        left_customers

    from followed

    where active_customers != active_customers_before + entered_customers - left_customers

)

select * from wrong
