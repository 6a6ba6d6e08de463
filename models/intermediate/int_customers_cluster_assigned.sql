{# A table since two models read it (D-004). #}
{{ config(materialized='table') }}

with

customers_featured as (

    select * from {{ ref('int_customers_featured') }}

),

cluster_centres as (

    select * from {{ ref('int_cluster_centres_pivoted') }}

),

nearest as (

    {{ nearest_centres(
        'customers_featured', 'customer_id', 'cluster_centres', cluster_features()
    ) }}

),

assigned as (

    select
        customer_id,
        cluster_id,
        sqrt(square) as cluster_distance,
        second_cluster_id,
        sqrt(second_square) as second_cluster_distance,
        sqrt(second_square) - sqrt(square) as cluster_margin

    from nearest

)

select * from assigned
