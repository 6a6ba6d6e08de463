with

kpi_history as (

    select * from {{ ref('rpt_kpi_history') }}

),

load_audit as (

    select * from {{ ref('rpt_load_audit') }}

),

plan_summary as (

    select * from {{ ref('rpt_plan_summary') }}

),

wrong as (

    select
        load_audit.extract_date,
        kpi_history.active_customers,
        plan_summary.active_customers as active_customers_now,
        kpi_history.mrr,
        plan_summary.mrr as mrr_now

    from load_audit

    inner join plan_summary
        on
            plan_summary.plan_level = 'All'
            and plan_summary.plan_type = 'All'

    left join kpi_history
        on
            load_audit.extract_date = kpi_history.extract_date
            and load_audit.load_id = kpi_history.load_id

    where
        (load_audit.load_id > 0 and kpi_history.load_id is null)
        or kpi_history.customers != plan_summary.customers
        or kpi_history.active_customers != plan_summary.active_customers
        or kpi_history.mrr != plan_summary.mrr

)

select * from wrong
