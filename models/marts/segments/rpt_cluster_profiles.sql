{#
  Customers are those whom the clusters are made of: active ones, or everybody where the recipe says
  so. The churn rate is of everybody who is nearest to the cluster, whatever the recipe.
#}
{%- set measures = ['monthly_bill_amount', 'tenure_months', 'data_usage', 'call_duration'] %}

with

customers as (

    select * from {{ ref('dim_customers') }}

),

customers_cluster_assigned as (

    select * from {{ ref('int_customers_cluster_assigned') }}

),

clusters as (

    select * from {{ ref('dim_clusters') }}

),

cluster_runs as (

    select * from {{ ref('fct_cluster_runs') }}

),

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

assigned as (

    select
        clusters.cluster_id,
        clusters.cluster_name,
        clusters.distinction,
        customers.monthly_bill_amount,
        customers.tenure_months,
        customers.data_usage,
        customers.call_duration,
        customers.plan_level,
        customers.plan_type,
        customers.is_churned,
        customer_value.historical_clv,
        customer_value.residual_clv_24m,
        cluster_runs.population = 'all' or not customers.is_churned as is_member

    from customers_cluster_assigned

    inner join clusters
        on customers_cluster_assigned.cluster_id = clusters.cluster_id

    inner join cluster_runs
        on clusters.run_id = cluster_runs.run_id

    inner join customers
        on customers_cluster_assigned.customer_id = customers.customer_id

    inner join customer_value
        on customers_cluster_assigned.customer_id = customer_value.customer_id

),

profiled as (

    select
        cluster_id,
        cluster_name,
        distinction,
        count(*) filter (where is_member) as customers,
        sum(monthly_bill_amount) filter (where not is_churned) as mrr,
        sum(historical_clv) filter (where is_member) as historical_clv,
        sum(residual_clv_24m) as residual_clv_24m,
        {% for measure in measures %}
            avg({{ measure }}) filter (where is_member) as mean_{{ measure }},
            percentile_cont(0.5) within group (order by {{ measure }}) filter (
                where is_member
            ) as median_{{ measure }},
        {% endfor %}
        count(*) filter (where is_member and plan_level = 'Premium') as premium_customers,
        count(*) filter (where is_member and plan_type = 'Prepaid') as prepaid_customers,
        count(*) as assigned_customers,
        count(*) filter (where is_churned) as churned_customers

    from assigned

    group by
        cluster_id,
        cluster_name,
        distinction

),

rounded as (

    select
        cluster_id,
        cluster_name,
        distinction,
        customers,
        cast(
            coalesce(customers / nullif(sum(customers) over (), 0), 0) as numeric(9, 6)
        ) as customer_share,
        cast(coalesce(mrr, 0) as numeric(16, 2)) as mrr,
        cast(coalesce(historical_clv, 0) as numeric(16, 2)) as historical_clv,
        cast(residual_clv_24m as numeric(16, 2)) as residual_clv_24m,
        {% for measure in measures %}
            cast(mean_{{ measure }} as numeric(12, 2)) as mean_{{ measure }},
            cast(median_{{ measure }} as numeric(12, 2)) as median_{{ measure }},
        {% endfor %}
        cast(
            cast(premium_customers as numeric(18, 0)) / nullif(customers, 0) as numeric(9, 6)
        ) as premium_share,
        cast(
            cast(prepaid_customers as numeric(18, 0)) / nullif(customers, 0) as numeric(9, 6)
        ) as prepaid_share,
        assigned_customers,
        churned_customers,
        cast(
            cast(churned_customers as numeric(18, 0)) / assigned_customers as numeric(9, 6)
        ) as churn_rate

    from profiled

)

select * from rounded
