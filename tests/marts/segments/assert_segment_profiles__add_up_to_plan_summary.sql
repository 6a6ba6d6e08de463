{# Two reports that count the same customers and the same money in two ways. #}
with

segment_profiles as (

    select * from {{ ref('rpt_segment_profiles') }}

),

plan_summary as (

    select * from {{ ref('rpt_plan_summary') }}

),

tiers as (

    select
        coalesce(sum(customers), 0) as customers,
        coalesce(sum(customers_scored), 0) as customers_scored,
        coalesce(sum(churned_customers), 0) as churned_customers,
        coalesce(sum(mrr), 0) as mrr

    from segment_profiles

),

mismatched as (

    select
        tiers.customers,
        plan_summary.active_customers,
        tiers.customers_scored,
        plan_summary.customers as all_customers,
        tiers.churned_customers,
        plan_summary.churned_customers as churned_customers_by_plan,
        tiers.mrr,
        plan_summary.mrr as mrr_by_plan

    from tiers

    left join plan_summary
        on
            plan_summary.plan_level = 'All'
            and plan_summary.plan_type = 'All'

    where
        (
            tiers.customers = plan_summary.active_customers
            and tiers.mrr = plan_summary.mrr
            and case
                when plan_summary.active_customers > 0
                    then
                        tiers.customers_scored = plan_summary.customers
                        and tiers.churned_customers = plan_summary.churned_customers
                -- nobody active, no cut-offs, no tiers
                else tiers.customers_scored = 0
            end
        ) is not true

)

select * from mismatched
