{#
  The offer of the highest expected value, one a customer; of equal ones the first of the catalogue. An offer that would
  lower the bill is ranked as retention or not at all (D-023).
#}
with

customer_segments as (

    select * from {{ ref('fct_customer_segments') }}

),

offer_candidates as (

    select * from {{ ref('fct_offer_candidates') }}

),

-- once more: a step with two readers is written out in full
all_candidates as (

    select * from {{ ref('fct_offer_candidates') }}

),

offers as (

    select * from {{ ref('dim_offers') }}

),

customers_withheld as (

    select * from {{ ref('int_customers_withheld') }}

),

counted as (

    select
        customer_id,
        count(*) as offers_considered,
        count(*) filter (where is_barred) as offers_barred

    from all_candidates

    group by customer_id

),

ranked as (

    select
        offer_candidates.*,
        row_number() over (
            partition by offer_candidates.customer_id
            order by offer_candidates.expected_value desc, offers.offer_rank asc
        ) as candidate_rank

    from offer_candidates

    inner join offers
        on offer_candidates.offer_key = offers.offer_key

    where not offer_candidates.is_barred and offer_candidates.expected_value > 0

),

ordered as (

    select
        ranked.*,
        row_number() over (
            order by ranked.expected_value desc, ranked.customer_id asc
        ) as contact_rank

    from ranked

    left join customers_withheld
        on ranked.customer_id = customers_withheld.customer_id

    where ranked.candidate_rank = 1 and customers_withheld.customer_id is null

),

chosen as (

    select
        customer_segments.customer_id,
        customer_segments.plan_key,
        customer_segments.value_tier,
        customer_segments.churn_probability_12m,
        coalesce(counted.offers_considered, 0) as offers_considered,
        case
            when ordered.customer_id is not null then null
            when customers_withheld.customer_id is not null then customers_withheld.withheld_reason
            when counted.customer_id is null then 'no_offer_applies'
            when counted.offers_considered = counted.offers_barred then 'bill_would_fall'
            else 'contact_not_paid'
        end as no_offer_reason,
        ordered.offer_key,
        ordered.offer_kind,
        ordered.monthly_delta,
        ordered.value_if_accepted,
        ordered.discount_cost,
        ordered.contact_cost,
        ordered.acceptance_rate,
        ordered.break_even_acceptance,
        ordered.expected_value,
        ordered.value_basis,
        ordered.contact_rank

    from customer_segments

    left join counted
        on customer_segments.customer_id = counted.customer_id

    left join ordered
        on customer_segments.customer_id = ordered.customer_id

    left join customers_withheld
        on customer_segments.customer_id = customers_withheld.customer_id

)

select * from chosen
