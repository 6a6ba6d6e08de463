with

horizons as (

    select * from {{ ref('stg_config__horizons') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

months as (

    select
        horizon_months,
        {{ number_series('1', 'horizon_months') }} as months_ahead

    from horizons

),

summed as (

    select
        months.horizon_months,
        cast(sum(power(
            1 + {{ to_double('parameters.annual_discount_rate') }},
            -months.months_ahead / {{ to_double(12) }}
        )) as numeric(16, 12)) as certain_months

    from months

    cross join parameters

    group by months.horizon_months

)

select * from summed
