{#
  Monthly revenue, of everybody in the extract and of active customers alone.
  Trap: the published "total monthly revenue" of 1,054,953.70 counts 2,771 customers who have left.
  What comes in a month is the MRR of active customers, 672,974.15, which no study publishes.
#}
with

plan_summary as (

    select * from {{ ref('rpt_plan_summary') }}

),

revenue as (

    select
        plan_level,
        billed_amount_all,
        mrr,
        billed_amount_all - mrr as billed_amount_churned

    from plan_summary

    where plan_type = 'All'

)

select * from revenue
