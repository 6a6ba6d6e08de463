{#
  The same hazards three times, with another rule beyond the observed months each time (D-016). The
  contract holds under every rule. A table: a join with itself is planned on its statistics (D-004).
#}
{{ config(materialized='table') }}

with

hazards as (

    select * from {{ ref('int_hazards_shrunk') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

ends as (

    select
        plan_key,
        usage_band,
        coalesce(max(tenure_month) filter (where not is_extrapolated), 0) as last_observed_month

    from hazards

    where stratum_level = 'plan_usage'

    group by
        plan_key,
        usage_band

),

recent as (

    select
        hazards.plan_key,
        hazards.usage_band,
        sum({{ to_double('hazards.events') }}) / nullif(sum(hazards.at_risk), 0) as recent_hazard

    from hazards

    cross join parameters

    inner join ends
        on
            hazards.plan_key = ends.plan_key
            and hazards.usage_band = ends.usage_band

    where
        hazards.stratum_level = 'plan_usage'
        and not hazards.is_extrapolated
        and hazards.tenure_month > ends.last_observed_month - parameters.hazard_recent_months

    group by
        hazards.plan_key,
        hazards.usage_band

),

with_recent as (

    select
        hazards.plan_key,
        hazards.usage_band,
        hazards.tenure_month,
        hazards.is_extrapolated,
        hazards.is_extrapolated and not hazards.is_locked_in as is_by_tail_rule,
        hazards.hazard,
        coalesce(recent.recent_hazard, hazards.hazard) as recent_hazard

    from hazards

    left join recent
        on
            hazards.plan_key = recent.plan_key
            and hazards.usage_band = recent.usage_band

    where hazards.stratum_level = 'plan_usage'

),

compared as (

    {% for tail_rule, tail_hazard in [
        ('all_exposure', 'hazard'), ('last_year', 'recent_hazard'), ('flat', '0')
    ] %}

        select
            '{{ tail_rule }}' as tail_rule,
            plan_key,
            usage_band,
            tenure_month,
            is_extrapolated,
            cast(
                case when is_by_tail_rule then {{ tail_hazard }} else hazard end
                as numeric(14, 12)
            ) as hazard

        from with_recent
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from compared
