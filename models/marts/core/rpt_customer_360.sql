with

customers as (

    select * from {{ ref('dim_customers') }}

),

tenure_bands as (

    select * from {{ ref('stg_config__bands') }}

    where band_type = 'tenure'

),

usage_bands as (

    select * from {{ ref('stg_config__bands') }}

    where band_type = 'usage'

),

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

customer_segments as (

    select * from {{ ref('fct_customer_segments') }}

),

next_best_offers as (

    select * from {{ ref('fct_next_best_offers') }}

),

offers as (

    select * from {{ ref('dim_offers') }}

),

bill_conformity as (

    select * from {{ ref('fct_bill_conformity') }}

),

gathered as (

    select
        ---------- ids
        customers.customer_id,
        customers.plan_key,
        customer_segments.cluster_id,
        next_best_offers.offer_key,

        ---------- strings
        case when customers.is_churned then 'Churned' else 'Active' end as customer_status,
        customers.plan_level || ' ' || customers.plan_type as plan_name,
        customers.plan_level,
        customers.plan_type,
        customers.gender,
        customers.tenure_band,
        customers.usage_band,
        customer_segments.value_tier,
        customer_segments.cluster_name,
        offers.offer_name,
        next_best_offers.offer_kind,
        next_best_offers.no_offer_reason,
        bill_conformity.conformity,

        ---------- order of labels that do not sort by themselves
        tenure_bands.band_rank as tenure_band_rank,
        usage_bands.band_rank as usage_band_rank,
        customer_segments.value_tier_rank,
        next_best_offers.contact_rank,

        ---------- numerics
        customers.monthly_bill_amount,
        customers.tenure_months,
        customers.call_duration,
        customers.data_usage,
        customer_value.historical_clv,
        customer_value.proxy_clv,
        customer_value.clv_score,
        customer_value.residual_clv_12m,
        customer_value.residual_clv_24m,
        customer_value.residual_clv_36m,
        customer_value.expected_loss_12m,
        customer_value.churn_probability_3m,
        customer_value.churn_probability_12m,
        next_best_offers.offers_considered,
        next_best_offers.monthly_delta,
        next_best_offers.value_if_accepted,
        next_best_offers.expected_value,
        bill_conformity.card_bill_amount,
        bill_conformity.bill_difference,

        ---------- booleans
        customers.is_churned,
        customer_value.is_at_risk,
        customers.is_senior_citizen,
        customers.has_partner,
        customers.has_dependents,
        customers.has_multiple_lines,
        customers.has_tech_support,

        ---------- dates
        customers.snapshot_date

    from customers

    inner join tenure_bands
        on customers.tenure_band = tenure_bands.band_label

    inner join usage_bands
        on customers.usage_band = usage_bands.band_label

    inner join customer_value
        on customers.customer_id = customer_value.customer_id

    inner join bill_conformity
        on customers.customer_id = bill_conformity.customer_id

    left join customer_segments
        on customers.customer_id = customer_segments.customer_id

    left join next_best_offers
        on customers.customer_id = next_best_offers.customer_id

    left join offers
        on next_best_offers.offer_key = offers.offer_key

)

select * from gathered
