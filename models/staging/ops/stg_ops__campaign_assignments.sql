with

campaign_assignments as (

    select * from {{ source('ops', 'campaign_assignments') }}

),

assigned as (

    select
        campaign_name,
        customer_id,
        plan_key,
        arm,
        monthly_bill_amount,
        assigned_date

    from campaign_assignments

)

select * from assigned
