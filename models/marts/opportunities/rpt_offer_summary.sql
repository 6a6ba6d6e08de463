with

offers as (

    select * from {{ ref('dim_offers') }}

),

offer_candidates as (

    select * from {{ ref('fct_offer_candidates') }}

),

next_best_offers as (

    select * from {{ ref('fct_next_best_offers') }}

),

summed as (

    select
        offer_candidates.offer_key,
        count(*) as customers,
        count(*) filter (where next_best_offers.offers_considered > 1) as customers_on_other_lists,
        sum(offer_candidates.monthly_bill_amount) as mrr_now,
        sum(offer_candidates.monthly_bill_after) as mrr_after,
        count(*) filter (where offer_candidates.is_bill_lowered) as lowered_customers,
        sum(offer_candidates.value_if_accepted) as value_if_accepted,
        sum(offer_candidates.discount_cost) as discount_cost,
        sum(offer_candidates.contact_cost) as contact_cost,
        sum(offer_candidates.expected_loss_12m) as expected_loss_12m,
        sum(offer_candidates.expected_value) as expected_value,
        count(*) filter (
            where offer_candidates.offer_key = next_best_offers.offer_key
        ) as next_best_customers,
        sum(next_best_offers.expected_value) filter (
            where offer_candidates.offer_key = next_best_offers.offer_key
        ) as next_best_expected_value,
        sum(offer_candidates.historical_clv) as historical_clv

    from offer_candidates

    inner join next_best_offers
        on offer_candidates.customer_id = next_best_offers.customer_id

    group by offer_candidates.offer_key

),

described as (

    select
        offers.offer_key,
        offers.offer_name,
        offers.offer_kind,
        offers.offer_rank,
        offers.is_published_list,
        coalesce(summed.customers, 0) as customers,
        coalesce(summed.customers_on_other_lists, 0) as customers_on_other_lists,
        coalesce(cast(summed.mrr_now as numeric(16, 2)), 0) as mrr_now,
        coalesce(cast(summed.mrr_after as numeric(16, 2)), 0) as mrr_after,
        coalesce(cast(summed.mrr_after - summed.mrr_now as numeric(16, 2)), 0) as mrr_delta,
        coalesce(summed.lowered_customers, 0) as lowered_customers,
        cast(
            summed.lowered_customers / nullif({{ to_double('summed.customers') }}, 0)
            as numeric(9, 6)
        ) as lowered_share,
        coalesce(cast(summed.value_if_accepted as numeric(16, 2)), 0) as value_if_accepted,
        coalesce(summed.discount_cost, 0) as discount_cost,
        coalesce(summed.contact_cost, 0) as contact_cost,
        {{ break_even('summed.contact_cost', 'summed.value_if_accepted - summed.discount_cost') }}
            as break_even_acceptance,
        {{ break_even('summed.discount_cost', 'summed.expected_loss_12m') }}
            as break_even_avoided_churn,
        coalesce(summed.expected_value, 0) as expected_value,
        coalesce(summed.next_best_customers, 0) as next_best_customers,
        coalesce(summed.next_best_expected_value, 0) as next_best_expected_value,
        coalesce(cast(summed.historical_clv as numeric(16, 2)), 0) as historical_clv

    from offers

    left join summed
        on offers.offer_key = summed.offer_key

)

select * from described
