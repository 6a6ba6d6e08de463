{#
  How many customers there are, and how many have left.
  Trap: the churn rate is churned over all customers of one snapshot, not a rate a month. 39.34 %
  prints as 39.3; the 39.4 of one study and its 7,403 customers are typing errors.
#}
with

plan_summary as (

    select * from {{ ref('rpt_plan_summary') }}

),

totals as (

    select
        customers,
        active_customers,
        churned_customers,
        cast(100 * churn_rate as numeric(5, 1)) as churn_rate_percent

    from plan_summary

    where
        plan_level = 'All'
        and plan_type = 'All'

)

select * from totals
