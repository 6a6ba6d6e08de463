{#
  Customers on each of the five lists, and what they pay a month.
  Trap: a customer can be on several lists, so neither column adds up over lists. The comment of the
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
        customers_on_other_lists,
        mrr_now

    from offer_summary

)

select * from sized
