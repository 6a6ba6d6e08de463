with

offers as (

    select * from {{ ref('stg_config__offers') }}

),

listed as (

    select
        offer_key,
        offer_name,
        offer_kind,
        offer_rank,
        offer_text

    from offers

)

select * from listed
