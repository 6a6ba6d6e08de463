{#
  From everybody down: each stratum leans on the hazard of its parent, and contracts speak last, since
  shrinkage must not leak into the lock-in (D-015). A table: marts and values read it.
#}
{{ config(materialized='table') }}
{% set levels = [('all', 'prior'), ('plan', 'all'), ('plan_usage', 'plan')] %}

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

seen as (

    select
        strata.stratum_level,
        strata.stratum,
        strata.parent_stratum,
        coalesce(strata.parent_stratum, 'prior') as leaning_stratum,
        strata.plan_key,
        strata.usage_band,
        exposures.tenure_month,
        exposures.at_risk,
        exposures.events,
        exposures.tail_months,
        exposures.tail_events,
        strata.shrinkage_customers,
        strata.tail_shrinkage_months,
        parameters.hazard_root_hazard,
        exposures.tenure_month < strata.lock_in_months as is_locked_in,
        exposures.tenure_month > exposures.last_observed_month as is_extrapolated

    from strata

    cross join parameters

    inner join exposures
        on
            strata.stratum_level = exposures.stratum_level
            and strata.stratum = exposures.stratum

),

prior_hazards as (

    select
        'prior' as stratum,
        tenure_month,
        hazard_root_hazard as hazard,
        hazard_root_hazard as tail_hazard

    from seen

    where stratum_level = 'all'

),

{% for level, parent_level in levels %}
    {% set parent = parent_level ~ '_hazards' %}

    {{ level }}_estimated as (

        select
            seen.*,
            coalesce(
                (
                    seen.tail_events
                    + seen.tail_shrinkage_months * {{ to_double(parent ~ '.tail_hazard') }}
                ) / nullif(seen.tail_months + seen.tail_shrinkage_months, 0),
                {{ parent }}.tail_hazard
            ) as tail_hazard,
            coalesce(
                (
                    seen.events
                    + seen.shrinkage_customers * {{ to_double(parent ~ '.hazard') }}
                ) / nullif(seen.at_risk + seen.shrinkage_customers, 0),
                {{ parent }}.hazard
            ) as observed_hazard

        from seen

        inner join {{ parent }}
            on
                seen.leaning_stratum = {{ parent }}.stratum
                and seen.tenure_month = {{ parent }}.tenure_month

        where seen.stratum_level = '{{ level }}'

    ),

    {{ level }}_hazards as (

        select
            *,
            case when is_extrapolated then tail_hazard else observed_hazard end as hazard

        from {{ level }}_estimated

    ),
{% endfor %}

together as (

    {% for level, parent_level in levels %}

        select * from {{ level }}_hazards
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

locked as (

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
        cast(case when is_locked_in then 0 else hazard end as numeric(14, 12)) as hazard

    from together

)

select * from locked
