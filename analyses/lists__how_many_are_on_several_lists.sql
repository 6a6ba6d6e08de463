{#
  Customers by the number of lists they are on, of the five published ones and without the new families.
  Trap: everybody on `multiple_lines_new_families` is also on `multiple_lines_families` in the
  published extract. So 417 customers are on two or more lists, 366 if that list is left out.
#}
with

offer_candidates as (

    select * from {{ ref('fct_offer_candidates') }}

),

offers as (

    select * from {{ ref('dim_offers') }}

),

customer_lists as (

    select
        offer_candidates.customer_id,
        count(*) as lists,
        count(*) filter (
            where offers.offer_key != 'multiple_lines_new_families'
        ) as other_lists

    from offer_candidates

    inner join offers
        on offer_candidates.offer_key = offers.offer_key

    where offers.is_published_list

    group by offer_candidates.customer_id

),

summed as (

    select
        count(*) as customers_on_a_list,
        count(*) filter (where lists > 1) as customers_on_two_or_more,
        count(*) filter (where other_lists > 1) as without_new_families,
        max(lists) as most_lists_of_a_customer

    from customer_lists

)

select * from summed
