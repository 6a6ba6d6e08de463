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

offers as (

    select * from {{ ref('dim_offers') }}

),

customers_withheld as (

    select * from {{ ref('int_customers_withheld') }}

),

judged as (

    select
        offer_candidates.*,
        offers.offer_rank,
        offer_candidates.is_bill_lowered
        and offer_candidates.offer_kind != 'retention' as is_barred

    from offer_candidates

    inner join offers
        on offer_candidates.offer_key = offers.offer_key

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id
            order by
                case when not is_barred and expected_value > 0 then 0 else 1 end asc,
                expected_value desc,
                offer_rank asc
        ) as candidate_rank,
        count(*) over (partition by customer_id) as offers_considered,
        count(*) filter (where is_barred) over (partition by customer_id) as offers_barred

    from judged

),

best as (

    select
        ranked.*,
        case
            when customers_withheld.withheld_reason is not null
                then customers_withheld.withheld_reason
            when ranked.offers_considered = ranked.offers_barred then 'bill_would_fall'
            when ranked.is_barred or ranked.expected_value <= 0 then 'contact_not_paid'
        end as no_offer_reason

    from ranked

    left join customers_withheld
        on ranked.customer_id = customers_withheld.customer_id

    where ranked.candidate_rank = 1

    {{ computed_once() }}

),

ordered as (

    select
        *,
        row_number() over (
            partition by no_offer_reason
            order by expected_value desc, customer_id asc
        ) as order_number

    from best

),

{% set of_the_offer = [
    'offer_key', 'offer_kind', 'monthly_delta', 'value_if_accepted', 'discount_cost', 'contact_cost',
    'acceptance_rate', 'break_even_acceptance', 'expected_value', 'value_basis',
] %}
chosen as (

    select
        customer_segments.customer_id,
        customer_segments.plan_key,
        customer_segments.value_tier,
        customer_segments.churn_probability_12m,
        coalesce(ordered.offers_considered, 0) as offers_considered,
        case
            when ordered.customer_id is not null then ordered.no_offer_reason
            else coalesce(customers_withheld.withheld_reason, 'no_offer_applies')
        end as no_offer_reason,
        {% for column in of_the_offer %}
            case when ordered.no_offer_reason is null then ordered.{{ column }} end as {{ column }},
        {% endfor %}
        case when ordered.no_offer_reason is null then ordered.order_number end as contact_rank

    from customer_segments

    left join ordered
        on customer_segments.customer_id = ordered.customer_id

    left join customers_withheld
        on customer_segments.customer_id = customers_withheld.customer_id

)

select * from chosen
