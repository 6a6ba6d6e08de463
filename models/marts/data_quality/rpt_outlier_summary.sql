with

outlier_fences as (

    select * from {{ ref('int_outlier_fences') }}

),

customer_outliers as (

    select * from {{ ref('fct_customer_outliers') }}

),

counted as (

    select
        column_name,
        count(*) filter (where is_outside_iqr) as customers_outside_iqr,
        count(*) filter (where is_outside_sd) as customers_outside_sd

    from customer_outliers

    group by column_name

),

described as (

    select
        outlier_fences.column_name,
        outlier_fences.first_quartile,
        outlier_fences.third_quartile,
        outlier_fences.iqr_lower_fence,
        outlier_fences.iqr_upper_fence,
        coalesce(counted.customers_outside_iqr, 0) as customers_outside_iqr,
        outlier_fences.mean_value,
        outlier_fences.standard_deviation,
        outlier_fences.sd_lower_fence,
        outlier_fences.sd_upper_fence,
        coalesce(counted.customers_outside_sd, 0) as customers_outside_sd

    from outlier_fences

    left join counted
        on outlier_fences.column_name = counted.column_name

)

select * from described
