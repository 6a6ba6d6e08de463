{# exp() of less than about -745 is an error in PostgreSQL: a survival of 1e-300 is 0 anyhow. #}
with

hazards as (

    select * from {{ ref('int_hazards_shrunk') }}

),

logarithms as (

    select
        *,
        case
            when hazard < 1 then ln(1 - {{ to_double('hazard') }}) else 0
        end as log_staying,
        case when hazard < 1 then 0 else 1 end as ending

    from hazards

),

running as (

    select
        *,
        sum(log_staying) over (
            partition by stratum_level, stratum order by tenure_month asc
        ) as log_survival,
        sum(ending) over (
            partition by stratum_level, stratum order by tenure_month asc
        ) as endings

    from logarithms

),

survived as (

    select
        stratum_level,
        stratum,
        parent_stratum,
        plan_key,
        usage_band,
        tenure_month,
        at_risk,
        events,
        hazard,
        cast(
            case when endings > 0 then 0 else exp(greatest(log_survival, -690)) end
            as numeric(14, 12)
        ) as survival,
        is_locked_in,
        is_extrapolated

    from running

)

select * from survived
