with

customers_featured as (

    select * from {{ ref('int_customers_featured') }}

),

measured as (

    select
        customer_id,
        {% for feature in cluster_features() %}
            {{ to_double(feature) }} as {{ feature }},
        {% endfor %}
        is_churned

    from customers_featured

)

select * from measured
