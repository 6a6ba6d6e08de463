{#
  Customers on each of the five published lists, what they pay a month and would pay.
  Trap: a customer can be on several lists, so no column adds up over lists. The comment of the
  study says "over a year" for new families; its condition, and ours, is at most 12 months.
#}
with

offer_summary as (

    select * from {{ ref('rpt_offer_summary') }}

),

sized as (

    select
        offer_key,
        offer_kind,
        offer_rank,
        customers,
        mrr_now,
        mrr_after

    from offer_summary

    where is_published_list

)

select * from sized
