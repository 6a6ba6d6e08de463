{#
  A rule is a row: all its filled columns must hold; the rules of one offer are alternatives (D-007).
  A table, so that its rows are known: of a view PostgreSQL expects a handful and then looks up
  every customer of a million by himself (D-004).
#}
{{ config(materialized='table') }}

with

customers as (

    select * from {{ ref('stg_nexasat__customers') }}

),

customers_tiered as (

    select * from {{ ref('int_customers_tiered') }}

),

bands as (

    select * from {{ ref('stg_config__bands') }}

),

tenures_valued as (

    select * from {{ ref('int_tenures_valued') }}

),

offer_rules as (

    select * from {{ ref('stg_config__offer_rules') }}

),

active_customers as (

    select
        customers.*,
        customers_tiered.value_tier,
        customers_tiered.value_tier_rank,
        coalesce(tenures_valued.is_at_risk, false) as is_at_risk

    from customers

    inner join customers_tiered
        on customers.customer_id = customers_tiered.customer_id

    -- left: who is on no band or grid is not at risk, and no customer is lost
    left join bands
        on
            bands.band_type = 'usage'
            and {{ is_within_band('customers.data_usage', 'bands') }}

    left join tenures_valued
        on
            customers.plan_key = tenures_valued.plan_key
            and bands.band_label = tenures_valued.usage_band
            and customers.tenure_months = tenures_valued.tenure_months

    where not customers.is_churned

    {{ computed_once() }}

),

matched as (

    select
        active_customers.customer_id,
        active_customers.value_tier,
        offer_rules.offer_key,
        min(offer_rules.rule_number) as rule_number

    from active_customers

    inner join offer_rules
        on {{ matches_offer_rule('active_customers', 'offer_rules') }}

    group by
        active_customers.customer_id,
        active_customers.value_tier,
        offer_rules.offer_key

)

select * from matched
