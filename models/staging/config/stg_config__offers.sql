with

cfg_offers as (

    select * from {{ ref('cfg_offers') }}

),

typed as (

    select
        offer_key,
        offer_name,
        offer_kind,
        cast(offer_rank as integer) as offer_rank,
        offer_text

    from cfg_offers

)

select * from typed
