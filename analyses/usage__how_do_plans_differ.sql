{#
  Mean minutes of calls, gigabytes and bill of each plan level and plan type, with totals.
  Trap: usage is of all customers, churned ones too, and in minutes (one README says seconds). The
  published 240 minutes are 240.50 cut off. The mean bill of the studies is of active customers.
#}
with

plan_summary as (

    select * from {{ ref('rpt_plan_summary') }}

),

compared as (

    select
        plan_level,
        plan_type,
        customers,
        mean_call_duration,
        cast(round(mean_call_duration, 0) as integer) as mean_call_duration_rounded,
        cast(floor(mean_call_duration) as integer) as mean_call_duration_cut_off,
        mean_data_usage,
        mean_bill_all,
        mean_bill_active

    from plan_summary

)

select * from compared
