{# Four rows that cost a sort a column, read by two models: a table (D-004). #}
{{ config(materialized='table') }}

with

customers as (

    select * from {{ ref('stg_nexasat__customers') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

summarised as (

    select
    {% for column in outlier_columns() %}
            percentile_cont(0.25) within group (order by {{ column }}) as first_{{ column }},
            percentile_cont(0.75) within group (order by {{ column }}) as third_{{ column }},
            avg({{ column }}) as mean_{{ column }},
            stddev_samp({{ column }}) as deviation_{{ column }}{{ ',' if not loop.last }}
    {% endfor %}

    from customers

),

-- a row for each column: one step reads the customers once, whatever the number of columns
measured as (

    {% for column in outlier_columns() %}

        select
            '{{ column }}' as column_name,
            first_{{ column }} as first_quartile,
            third_{{ column }} as third_quartile,
            mean_{{ column }} as mean_value,
            deviation_{{ column }} as standard_deviation

        from summarised
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

rounded as (

    select
        measured.column_name,
        cast(measured.first_quartile as numeric(14, 4)) as first_quartile,
        cast(measured.third_quartile as numeric(14, 4)) as third_quartile,
        cast(measured.mean_value as numeric(14, 4)) as mean_value,
        cast(measured.standard_deviation as numeric(14, 4)) as standard_deviation,
        parameters.outlier_iqr_multiplier,
        parameters.outlier_sd_multiplier

    from measured

    cross join parameters

),

fenced as (

    select
        column_name,
        first_quartile,
        third_quartile,
        mean_value,
        standard_deviation,
        cast(
            first_quartile - outlier_iqr_multiplier * (third_quartile - first_quartile)
            as numeric(14, 4)
        ) as iqr_lower_fence,
        cast(
            third_quartile + outlier_iqr_multiplier * (third_quartile - first_quartile)
            as numeric(14, 4)
        ) as iqr_upper_fence,
        cast(
            mean_value - outlier_sd_multiplier * standard_deviation as numeric(14, 4)
        ) as sd_lower_fence,
        cast(
            mean_value + outlier_sd_multiplier * standard_deviation as numeric(14, 4)
        ) as sd_upper_fence

    from rounded

)

select * from fenced
