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

counted as (

    select
        *,
        count(*) over (partition by customer_id) as lists_of_customer

    from offer_candidates

),

summed as (

    select
        offer_key,
        count(*) as customers,
        count(*) filter (where lists_of_customer > 1) as customers_on_other_lists,
        sum(monthly_bill_amount) as mrr_now,
        sum(monthly_bill_after) as mrr_after,
        count(*) filter (where is_bill_lowered) as lowered_customers,
        sum(value_if_accepted) as value_if_accepted,
        sum(discount_cost) as discount_cost,
        sum(contact_cost) as contact_cost,
        sum(expected_loss_12m) as expected_loss_12m,
        sum(expected_value) as expected_value,
        sum(historical_clv) as historical_clv

    from counted

    group by offer_key

),

best as (

    select
        offer_key,
        count(*) as next_best_customers,
        sum(expected_value) as next_best_expected_value

    from next_best_offers

    group by offer_key

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
        coalesce(best.next_best_customers, 0) as next_best_customers,
        coalesce(best.next_best_expected_value, 0) as next_best_expected_value,
        coalesce(cast(summed.historical_clv as numeric(16, 2)), 0) as historical_clv

    from offers

    left join best
        on offers.offer_key = best.offer_key

    left join summed
        on offers.offer_key = summed.offer_key

)

select * from described
