{# A table: marts and values read it (D-004). #}
{{ config(materialized='table') }}

with

exposures as (

    select * from {{ ref('int_exposures_counted') }}

),

strata as (

    select * from {{ ref('int_hazard_strata') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

shrunk as (

    {{ hazards_shrunk(exposures='exposures', strata='strata', parameters='parameters') }}

),

rounded as (

    select
        stratum_level,
        stratum,
        parent_stratum,
        plan_key,
        usage_band,
        tenure_month,
        at_risk,
        events,
        is_locked_in,
        is_extrapolated,
        cast(hazard as numeric(14, 12)) as hazard

    from shrunk

)

select * from rounded
