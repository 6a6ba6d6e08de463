with

campaign_outcomes as (

    select * from {{ source('ops', 'campaign_outcomes') }}

),

reported as (

    select
        campaign_name,
        customer_id,
        is_converted,
        is_churned,
        revenue,
        file_sha256,
        loaded_at

    from campaign_outcomes

)

select * from reported
