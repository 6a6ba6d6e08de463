with

cfg_horizons as (

    select * from {{ ref('cfg_horizons') }}

),

typed as (

    select
        cast(horizon_months as integer) as horizon_months,
        has_churn_probability,
        has_residual_clv,
        reason

    from cfg_horizons

)

select * from typed
