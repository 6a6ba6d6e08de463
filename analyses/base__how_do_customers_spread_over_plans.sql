{#
  Customers and active customers of each plan level and plan type, with totals.
  Trap: counts of active customers must add up to the active total: 3,015 Premium and 1,257 Basic
  make 4,272. The 1,275 and 3,025 of two studies are typing errors and do not.
#}
with

plan_summary as (

    select * from {{ ref('rpt_plan_summary') }}

),

counted as (

    select
        plan_level,
        plan_type,
        customers,
        active_customers,
        churned_customers,
        cast(100 * churn_rate as numeric(5, 1)) as churn_rate_percent

    from plan_summary

)

select * from counted
