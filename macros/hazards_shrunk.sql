{#
  A query for the hazards of D-015 from exposures, which `exposures_counted` gives. From everybody down: each stratum
  leans on the hazard of its parent, and contracts speak last, since shrinkage must not leak into the lock-in.
  `strata` and `parameters` are relations like int_hazard_strata and stg_config__parameters; `keys` are columns of the
  exposures that tell apart what is estimated on its own, such as samples. The query has a row for each row of the
  exposures. A parent is found by a window, for a join by so many keys can be planned badly.
#}
{% macro hazards_shrunk(exposures, strata, parameters, keys=[]) -%}
    {%- set levels = [('all', 'prior', ''), ('plan', 'all', ''), ('plan_usage', 'plan', ', plan_key')] -%}
    {%- set columns = (keys + [
        'stratum_number', 'stratum_level', 'stratum', 'parent_stratum', 'plan_key', 'usage_band', 'tenure_month', 'at_risk',
        'events', 'tail_months', 'tail_events', 'shrinkage_customers', 'tail_shrinkage_months', 'is_locked_in',
        'is_extrapolated',
    ]) | join(', ') -%}
    {%- set tail_hazard -%}
        coalesce((tail_events + tail_shrinkage_months * parent_tail_hazard)
            / nullif(tail_months + tail_shrinkage_months, 0), parent_tail_hazard)
    {%- endset -%}
    {%- set observed_hazard -%}
        coalesce((events + shrinkage_customers * parent_hazard) / nullif(at_risk + shrinkage_customers, 0), parent_hazard)
    {%- endset -%}
    with
    prior_hazards as (
        select
            {% for key in keys %}exposures.{{ key }}, {% endfor %}
            strata.stratum_number, strata.stratum_level, strata.stratum, strata.parent_stratum, strata.plan_key,
            strata.usage_band, exposures.tenure_month, exposures.at_risk, exposures.events, exposures.tail_months,
            exposures.tail_events, {{ to_double('strata.shrinkage_customers') }} as shrinkage_customers,
            {{ to_double('strata.tail_shrinkage_months') }} as tail_shrinkage_months,
            exposures.tenure_month < strata.lock_in_months as is_locked_in,
            exposures.tenure_month > exposures.last_observed_month as is_extrapolated,
            {{ to_double('parameters.hazard_root_hazard') }} as hazard,
            {{ to_double('parameters.hazard_root_hazard') }} as tail_hazard
        from {{ strata }} as strata
        cross join {{ parameters }} as parameters
        inner join {{ exposures }} as exposures on strata.stratum_number = exposures.stratum_number
    ),
    {% for level, parent, family in levels %}
    {%- set of_parent = "filter (where stratum_level = '" ~ parent ~ "') over (partition by "
        ~ (keys + ['tenure_month']) | join(', ') ~ family ~ ')' %}
    {{ level }}_leaning as (
        select
            {{ columns }}, hazard, tail_hazard,
            {{ 'hazard' if parent == 'prior' else 'max(hazard) ' ~ of_parent }} as parent_hazard,
            {{ 'tail_hazard' if parent == 'prior' else 'max(tail_hazard) ' ~ of_parent }} as parent_tail_hazard
        from {{ parent }}_hazards
    ),
    {{ level }}_hazards as (
        select
            {{ columns }},
            case
                when stratum_level <> '{{ level }}' then hazard
                when is_extrapolated then {{ tail_hazard }} else {{ observed_hazard }}
            end as hazard,
            case when stratum_level <> '{{ level }}' then tail_hazard else {{ tail_hazard }} end as tail_hazard
        from {{ level }}_leaning
    ){{ ',' if not loop.last }}
    {%- endfor %}
    select {{ columns }}, case when is_locked_in then 0 else hazard end as hazard from plan_usage_hazards
{%- endmacro %}
