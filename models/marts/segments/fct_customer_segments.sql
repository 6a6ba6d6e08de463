with

customers as (

    select * from {{ ref('dim_customers') }}

),

customers_tiered as (

    select * from {{ ref('int_customers_tiered') }}

),

customers_cluster_assigned as (

    select * from {{ ref('int_customers_cluster_assigned') }}

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
        customers_cluster_assigned.cluster_margin,
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

    left join customers_cluster_assigned
        on customers.customer_id = customers_cluster_assigned.customer_id

    left join clusters
        on customers_cluster_assigned.cluster_id = clusters.cluster_id

    where not customers.is_churned

)

select * from segmented
