{#
  Text is data (cfg_strategies), figures are filled in. The best offer is that of the highest expected
  value in sum.
#}
with

customer_segments as (

    select * from {{ ref('fct_customer_segments') }}

),

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

next_best_offers as (

    select * from {{ ref('fct_next_best_offers') }}

),

segments as (

    select * from {{ ref('dim_segments') }}

),

clusters as (

    select * from {{ ref('dim_clusters') }}

),

offers as (

    select * from {{ ref('dim_offers') }}

),

strategies as (

    select * from {{ ref('stg_config__strategies') }}

),

gathered as (

    select
        customer_segments.value_tier,
        coalesce(customer_segments.cluster_id, 0) as cluster_id,
        customer_segments.is_at_risk,
        next_best_offers.offer_key,
        count(*) as customers,
        sum(customer_value.monthly_bill_amount) as mrr,
        sum(customer_value.residual_clv_24m) as residual_clv_24m,
        sum(customer_value.expected_loss_12m) as expected_loss_12m,
        sum(customer_segments.churn_probability_12m) as expected_churners,
        sum(next_best_offers.expected_value) as expected_value

    from customer_segments

    inner join customer_value
        on customer_segments.customer_id = customer_value.customer_id

    inner join next_best_offers
        on customer_segments.customer_id = next_best_offers.customer_id

    group by
        customer_segments.value_tier,
        coalesce(customer_segments.cluster_id, 0),
        customer_segments.is_at_risk,
        next_best_offers.offer_key

),

ranked as (

    select
        *,
        sum(customers) over segment as segment_customers,
        sum(mrr) over segment as segment_mrr,
        sum(residual_clv_24m) over segment as segment_residual_clv_24m,
        sum(expected_loss_12m) over segment as segment_expected_loss_12m,
        sum(expected_churners) over segment
        / sum(customers) over segment as mean_churn_probability_12m,
        row_number() over (
            partition by value_tier, cluster_id, is_at_risk
            order by expected_value desc nulls last, offer_key asc
        ) as offer_order

    from gathered

    window segment as (partition by value_tier, cluster_id, is_at_risk)

),

advised as (

    select
        ranked.value_tier,
        ranked.cluster_id,
        coalesce(clusters.cluster_name, 'not clustered') as cluster_name,
        ranked.is_at_risk,
        cast(ranked.segment_customers as bigint) as customers,
        cast(ranked.mean_churn_probability_12m as numeric(9, 6)) as mean_churn_probability_12m,
        cast(ranked.segment_mrr as numeric(16, 2)) as mrr,
        cast(ranked.segment_residual_clv_24m as numeric(16, 2)) as residual_clv_24m,
        cast(ranked.segment_expected_loss_12m as numeric(16, 2)) as expected_loss_12m,
        clusters.distinction,
        segments.recommended_attention,
        ranked.offer_key as best_offer_key,
        case when ranked.offer_key is null then 0 else ranked.customers end as best_offer_customers,
        coalesce(ranked.expected_value, 0) as best_offer_expected_value,
        {{ filled_text('strategies.strategy_text', {
            'customers': 'ranked.segment_customers',
            'mrr': 'ranked.segment_mrr',
            'loss': 'ranked.segment_expected_loss_12m',
            'offer_customers': 'ranked.customers',
            'offer_value': 'ranked.expected_value',
        }, {
            'attention': 'segments.recommended_attention',
            'offer': 'offers.offer_name',
        }) }} as strategy

    from ranked

    inner join segments
        on ranked.value_tier = segments.value_tier

    inner join strategies
        on
            ranked.is_at_risk = strategies.is_at_risk
            and (ranked.offer_key is not null) = strategies.has_offer

    left join clusters
        on ranked.cluster_id = clusters.cluster_id

    left join offers
        on ranked.offer_key = offers.offer_key

    where ranked.offer_order = 1

)

select * from advised
