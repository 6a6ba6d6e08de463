with

campaigns as (

    select * from {{ ref('stg_ops__campaigns') }}

),

campaign_assignments as (

    select * from {{ ref('stg_ops__campaign_assignments') }}

),

campaign_outcomes as (

    select * from {{ ref('stg_ops__campaign_outcomes') }}

),

followed as (

    select
        campaign_assignments.campaign_name,
        campaign_assignments.customer_id,
        campaigns.offer_key,
        campaign_assignments.plan_key,
        campaign_assignments.arm,
        campaign_assignments.assigned_date,
        campaign_assignments.monthly_bill_amount,
        campaign_outcomes.customer_id is not null as has_outcome,
        coalesce(campaign_outcomes.is_converted, false) as is_converted,
        campaign_outcomes.is_churned,
        cast(coalesce(campaign_outcomes.revenue, 0) as numeric(14, 2)) as revenue

    from campaign_assignments

    inner join campaigns
        on campaign_assignments.campaign_name = campaigns.campaign_name

    left join campaign_outcomes
        on
            campaign_assignments.campaign_name = campaign_outcomes.campaign_name
            and campaign_assignments.customer_id = campaign_outcomes.customer_id

)

select * from followed
