with

offers as (

    select * from {{ ref('dim_offers') }}

),

offer_candidates as (

    select * from {{ ref('fct_offer_candidates') }}

),

counted as (

    select
        offer_key,
        monthly_bill_amount,
        historical_clv,
        count(*) over (partition by customer_id) as lists_of_customer

    from offer_candidates

),

summed as (

    select
        offer_key,
        count(*) as customers,
        count(*) filter (where lists_of_customer > 1) as customers_on_other_lists,
        sum(monthly_bill_amount) as mrr_now,
        sum(historical_clv) as historical_clv

    from counted

    group by offer_key

),

described as (

    select
        offers.offer_key,
        offers.offer_name,
        offers.offer_kind,
        offers.offer_rank,
        coalesce(summed.customers, 0) as customers,
        coalesce(summed.customers_on_other_lists, 0) as customers_on_other_lists,
        coalesce(cast(summed.mrr_now as numeric(16, 2)), 0) as mrr_now,
        coalesce(cast(summed.historical_clv as numeric(16, 2)), 0) as historical_clv

    from offers

    left join summed
        on offers.offer_key = summed.offer_key

)

select * from described
