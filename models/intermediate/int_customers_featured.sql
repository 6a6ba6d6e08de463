with

customers as (

    select * from {{ ref('stg_nexasat__customers') }}

),

featured as (

    select
        customer_id,
        {% for feature in cluster_features() %}
            {{ to_double(feature) }} as {{ feature }},
        {% endfor %}
        is_churned

    from customers

)

select * from featured
