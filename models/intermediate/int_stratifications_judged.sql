{#
  Each fold is foretold from the other fifteen: hazards as in D-015 but without contract and tail,
  which no row of the file could contradict (D-017).
#}
{% set levels = [
    ('roots', 'constant', 'pooled', 'hazard_root_shrinkage_customers'),
    ('middles', 'tier', 'plan', 'hazard_plan_shrinkage_customers'),
    ('ends', 'plan_tier', 'plan_usage', 'hazard_shrinkage_customers'),
] %}

with

trained as (

    select * from {{ ref('int_folds_exposed') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

nothing_known as (

    select distinct
        'none' as stratification,
        'none' as stratum,
        trained.fold,
        trained.month_number,
        {{ to_double('parameters.hazard_root_hazard') }} as hazard

    from trained

    cross join parameters

),

{% set parents = namespace(name='nothing_known') %}
{% for level, first, second, shrinkage in levels %}
    {{ level }} as (

        select
            trained.stratification,
            trained.stratum,
            trained.fold,
            trained.month_number,
            trained.at_risk,
            trained.events,
            coalesce(
                (trained.known_events + parameters.{{ shrinkage }} * {{ parents.name }}.hazard)
                / nullif(trained.known_at_risk + parameters.{{ shrinkage }}, 0),
                {{ parents.name }}.hazard
            ) as hazard

        from trained

        cross join parameters

        inner join {{ parents.name }}
            on
                trained.parent_stratification = {{ parents.name }}.stratification
                and trained.parent_stratum = {{ parents.name }}.stratum
                and trained.fold = {{ parents.name }}.fold
                and trained.month_number = {{ parents.name }}.month_number

        where trained.stratification in ('{{ first }}', '{{ second }}')

    ),
    {% set parents.name = level %}
{% endfor %}

together as (

    {% for level, first, second, shrinkage in levels %}

        select * from {{ level }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

judged as (

    select
        stratification,
        count(distinct stratum) as strata,
        cast(sum(events) as bigint) as events,
        sum(at_risk * hazard) as expected_events,
        sum(
            events * ln(greatest(hazard, 1e-12))
            + (at_risk - events) * ln(greatest(1 - hazard, 1e-12))
        ) as log_likelihood

    from together

    group by stratification

)

select * from judged
