with

offer_candidates as (

    select * from {{ ref('fct_offer_candidates') }}

),

-- once more: a step with two readers is written out in full
other_candidates as (

    select * from {{ ref('fct_offer_candidates') }}

),

paired as (

    select
        offer_candidates.offer_key,
        other_candidates.offer_key as other_offer_key,
        count(*) as customers

    from offer_candidates

    inner join other_candidates
        on
            offer_candidates.customer_id = other_candidates.customer_id
            and offer_candidates.offer_key != other_candidates.offer_key

    group by
        offer_candidates.offer_key,
        other_candidates.offer_key

)

select * from paired
