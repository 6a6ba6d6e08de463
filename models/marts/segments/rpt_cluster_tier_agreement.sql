{# Shares of zero stay: a cluster without High Value customers says as much as one full of them. #}
with

customer_segments as (

    select * from {{ ref('fct_customer_segments') }}

),

counted as (

    {% for dimension in ['value_tier', 'plan_key'] %}
        select
            cast('{{ dimension }}' as text) as dimension_name,
            cluster_id,
            cluster_name,
            {{ dimension }} as dimension_value,
            count(*) as customers
        from customer_segments
        where cluster_id is not null
        group by
            cluster_id,
            cluster_name,
            {{ dimension }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

clusters_counted as (

    select
        dimension_name,
        cluster_id,
        cluster_name,
        sum(customers) as cluster_customers

    from counted

    group by
        dimension_name,
        cluster_id,
        cluster_name

),

values_counted as (

    select
        dimension_name,
        dimension_value,
        sum(customers) as value_customers,
        sum(sum(customers)) over (partition by dimension_name) as all_customers

    from counted

    group by
        dimension_name,
        dimension_value

),

crossed as (

    select
        clusters_counted.dimension_name,
        clusters_counted.cluster_id,
        clusters_counted.cluster_name,
        values_counted.dimension_value,
        coalesce(counted.customers, 0) as customers,
        clusters_counted.cluster_customers,
        values_counted.value_customers,
        values_counted.all_customers

    from clusters_counted

    inner join values_counted
        on clusters_counted.dimension_name = values_counted.dimension_name

    left join counted
        on
            clusters_counted.dimension_name = counted.dimension_name
            and clusters_counted.cluster_id = counted.cluster_id
            and values_counted.dimension_value = counted.dimension_value

),

agreeing as (

    {{ adjusted_mutual_information(
        'crossed', 'dimension_name', 'cluster_id', 'dimension_value', 'customers',
        'cluster_customers', 'value_customers', 'all_customers'
    ) }}

),

described as (

    select
        crossed.dimension_name,
        crossed.cluster_id,
        crossed.dimension_value,
        crossed.cluster_name,
        crossed.customers,
        cast(crossed.customers / crossed.cluster_customers as numeric(9, 6)) as share_of_cluster,
        cast(crossed.customers / crossed.value_customers as numeric(9, 6)) as share_of_value,
        agreeing.adjusted_mutual_information,
        case
            when agreeing.adjusted_mutual_information is null
                then 'One group on either side: there is nothing to agree on'
            else
                'Clusters and ' || crossed.dimension_name || ' share '
                || cast(
                    cast(100 * agreeing.adjusted_mutual_information as numeric(6, 1)) as text
                )
                || ' % of what they could share beyond chance: 100 % would be the same groups'
        end as meaning

    from crossed

    inner join agreeing
        on crossed.dimension_name = agreeing.dimension_name

)

select * from described
