{#
  Columns, rows, repeated rows, gaps and impossible values of the extract.
  Trap: customers are clean by construction, since a row that fails is rejected; so the rejects and
  the customers delivered more than once count as well.
#}
with

customers as (

    select * from {{ ref('dim_customers') }}

),

load_audit as (

    select * from {{ ref('rpt_load_audit') }}

),

rejected_rows as (

    select * from {{ ref('fct_rejected_rows') }}

),

repeated as (

    select count(*) as repeated_rows

    from rejected_rows

    where reasons like 'customer_id is delivered again%'

),

checked as (

    select
        count(*) as customers,
        count(*) filter (
            where
            gender is null
            or has_partner is null
            or has_dependents is null
            or is_senior_citizen is null
            or call_duration is null
            or data_usage is null
            or plan_key is null
            or monthly_bill_amount is null
            or tenure_months is null
            or has_multiple_lines is null
            or has_tech_support is null
            or is_churned is null
        ) as customers_with_a_gap,
        count(*) filter (
            where
            call_duration < 0
            or data_usage < 0
            or monthly_bill_amount < 0
            or tenure_months < 0
            or gender not in ('Female', 'Male')
        ) as customers_with_an_impossible_value

    from customers

),

described as (

    select
        {{ extract_columns() | length }} as extract_columns,
        load_audit.delivered_rows,
        load_audit.rejected_rows,
        repeated.repeated_rows,
        checked.customers,
        checked.customers_with_a_gap,
        checked.customers_with_an_impossible_value

    from load_audit

    cross join repeated

    cross join checked

)

select * from described
