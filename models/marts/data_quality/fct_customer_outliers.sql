{# Flags only: an outlier stays in every other mart (D-005). #}
with

customers as (

    select * from {{ ref('dim_customers') }}

),

outlier_fences as (

    select * from {{ ref('int_outlier_fences') }}

),

measured as (

    {% for column in outlier_columns() %}

        select
            customer_id,
            '{{ column }}' as column_name,
            cast({{ column }} as numeric(14, 2)) as column_value

        from customers
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

judged as (

    select
        measured.customer_id,
        measured.column_name,
        measured.column_value,
        measured.column_value < outlier_fences.iqr_lower_fence
        or measured.column_value > outlier_fences.iqr_upper_fence as is_outside_iqr,
        measured.column_value < outlier_fences.sd_lower_fence
        or measured.column_value > outlier_fences.sd_upper_fence as is_outside_sd

    from measured

    inner join outlier_fences
        on measured.column_name = outlier_fences.column_name

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
