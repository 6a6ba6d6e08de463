with

cluster_activations as (

    select * from {{ source('ml', 'cluster_activations') }}

),

latest_of_each as (

    select
        run_id,
        max(activation_id) as activation_id,
        max(activated_at) as activated_at,
        count(*) as activations

    from cluster_activations

    group by run_id

),

marked as (

    select
        run_id,
        activation_id,
        activations,
        row_number() over (order by activation_id desc) = 1 as is_current,
        activated_at

    from latest_of_each

)

select * from marked
