{# Public columns carry their months in the name; a row more or less would be a promise not kept. #}
with

horizons as (

    select * from {{ ref('stg_config__horizons') }}

),

promised as (

    {% for months, is_probability, is_value in [
        (3, true, false), (12, true, true), (24, false, true), (36, false, true),
    ] %}

        select
            {{ months }} as horizon_months,
            cast('{{ is_probability }}' as boolean) as has_churn_probability,
            cast('{{ is_value }}' as boolean) as has_residual_clv
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

mismatched as (

    select
        promised.horizon_months as promised_months,
        horizons.horizon_months as configured_months

    from promised

    full outer join horizons
        on
            promised.horizon_months = horizons.horizon_months
            and promised.has_churn_probability = horizons.has_churn_probability
            and promised.has_residual_clv = horizons.has_residual_clv

    where
        promised.horizon_months is null
        or horizons.horizon_months is null

)

select * from mismatched
