with

cfg_parameters as (

    select * from {{ ref('cfg_parameters') }}

),

pivoted as (

    select
        max(parameter_value) filter (
            where parameter = 'bundled_extract_date'
        ) as bundled_extract_date,
        max(parameter_value) filter (
            where parameter = 'maximum_tenure_months'
        ) as maximum_tenure_months,
        max(parameter_value) filter (
            where parameter = 'maximum_customer_id_length'
        ) as maximum_customer_id_length,
        max(parameter_value) filter (
            where parameter = 'outlier_iqr_multiplier'
        ) as outlier_iqr_multiplier,
        max(parameter_value) filter (
            where parameter = 'outlier_sd_multiplier'
        ) as outlier_sd_multiplier

    from cfg_parameters

),

typed as (

    select
        cast(bundled_extract_date as date) as bundled_extract_date,
        cast(maximum_tenure_months as integer) as maximum_tenure_months,
        cast(maximum_customer_id_length as integer) as maximum_customer_id_length,
        cast(outlier_iqr_multiplier as numeric(5, 2)) as outlier_iqr_multiplier,
        cast(outlier_sd_multiplier as numeric(5, 2)) as outlier_sd_multiplier

    from pivoted

)

select * from typed
