with

campaigns as (

    select * from {{ source('ops', 'campaigns') }}

),

verified as (

    select
        campaign_name,
        offer_key,
        offer_text,
        holdout_share,
        salt,
        capacity,
        budget,
        extract_date,
        created_at,
        assignment_fingerprint,
        assignment_fingerprint
        = {{ assignments_fingerprint('campaign_name') }} as is_intact

    from campaigns

)

select * from verified
