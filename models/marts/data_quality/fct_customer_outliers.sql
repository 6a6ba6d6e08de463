{# Flags only: an outlier stays in every other mart (D-005). #}
with

customers as (

    select * from {{ ref('dim_customers') }}

),

outlier_fences as (

    select * from {{ ref('int_outlier_fences') }}

),

measured as (

    select
        customers.customer_id,
        outlier_fences.column_name,
        case outlier_fences.column_name
            {% for column in outlier_columns() %}
                when '{{ column }}' then cast(customers.{{ column }} as numeric(14, 2))
            {% endfor %}
        end as column_value,
        outlier_fences.iqr_lower_fence,
        outlier_fences.iqr_upper_fence,
        outlier_fences.sd_lower_fence,
        outlier_fences.sd_upper_fence

    from customers

    cross join outlier_fences

),

judged as (

    select
        customer_id,
        column_name,
        column_value,
        column_value < iqr_lower_fence
        or column_value > iqr_upper_fence as is_outside_iqr,
        column_value < sd_lower_fence
        or column_value > sd_upper_fence as is_outside_sd

    from measured

),

flagged as (

    select
        customer_id,
        column_name,
        column_value,
        is_outside_iqr,
        is_outside_sd

    from judged

    where is_outside_iqr or is_outside_sd

)

select * from flagged
