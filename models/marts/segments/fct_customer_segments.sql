with

customers as (

    select * from {{ ref('dim_customers') }}

),

customers_tiered as (

    select * from {{ ref('int_customers_tiered') }}

),

customer_clusters as (

    select * from {{ ref('stg_ml__customer_clusters') }}

),

clusters as (

    select * from {{ ref('dim_clusters') }}

),

tenures_valued as (

    select * from {{ ref('int_tenures_valued') }}

),

segmented as (

    select
        ---------- ids
        customers.customer_id,
        customers.plan_key,
        clusters.cluster_id,

        ---------- strings
        customers_tiered.value_tier,
        clusters.cluster_name,
        customers.plan_type,
        customers.plan_level,
        customers.gender,
        customers.tenure_band,
        customers.usage_band,

        ---------- numerics
        customers_tiered.value_tier_rank,
        customers_tiered.clv_score,
        tenures_valued.churn_probability_12m,

        ---------- booleans
        customers.is_senior_citizen,
        customers.has_partner,
        customers.has_dependents,
        customers.has_multiple_lines,
        customers.has_tech_support,
        tenures_valued.is_at_risk

    from customers

    inner join customers_tiered
        on customers.customer_id = customers_tiered.customer_id

    inner join tenures_valued
        on
            customers.plan_key = tenures_valued.plan_key
            and customers.usage_band = tenures_valued.usage_band
            and customers.tenure_months = tenures_valued.tenure_months

    left join customer_clusters
        on customers.customer_id = customer_clusters.customer_id

    left join clusters
        on customer_clusters.cluster_id = clusters.cluster_id

    where not customers.is_churned

)

select * from segmented
