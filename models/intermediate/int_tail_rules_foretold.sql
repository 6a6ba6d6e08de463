{#
  Pretend that nobody was seen in the last year of a stratum, foretell it by each tail rule and
  compare. Nothing that the rule sees lies beyond the pretended end, in the parents neither. A table: the checks read it twice (D-017).
#}
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

running as (

    select
        stratum,
        tenure_month,
        {{ to_double('sum(at_risk) over so_far') }} as months_so_far,
        {{ to_double('sum(events) over so_far') }} as events_so_far

    from exposures

    window so_far as (partition by stratum_level, stratum order by tenure_month asc)

),

hidden as (

    select
        strata.stratum,
        strata.parent_stratum,
        max(exposures.last_observed_month) - max(parameters.backtest_months) as last_known_month,
        max(exposures.at_risk) as customers,
        count(*) filter (where exposures.tenure_month >= strata.lock_in_months) as free_months,
        exp(sum(ln(greatest(
            1 - exposures.events / {{ to_double('nullif(exposures.at_risk, 0)') }}, 1e-12
        )))) as survival

    from strata

    cross join parameters

    inner join exposures
        on
            strata.stratum_level = exposures.stratum_level
            and strata.stratum = exposures.stratum
            and exposures.last_observed_month - parameters.backtest_months
            >= parameters.hazard_recent_months
            and exposures.last_observed_month >= exposures.tenure_month
            and exposures.last_observed_month - parameters.backtest_months < exposures.tenure_month

    where strata.stratum_level = 'plan_usage'

    group by
        strata.stratum,
        strata.parent_stratum

),

known as (

    select
        hidden.*,
        (self.events_so_far - coalesce(earlier.events_so_far, 0))
        / (self.months_so_far - coalesce(earlier.months_so_far, 0)) as last_year_hazard,
        (
            self.events_so_far
            + parameters.hazard_tail_shrinkage_months * (
                parent.events_so_far
                + parameters.hazard_tail_shrinkage_months
                * everybody.events_so_far / everybody.months_so_far
            ) / (parent.months_so_far + parameters.hazard_tail_shrinkage_months)
        ) / (self.months_so_far + parameters.hazard_tail_shrinkage_months) as all_exposure_hazard

    from hidden

    cross join parameters

    inner join running as self
        on
            hidden.stratum = self.stratum
            and hidden.last_known_month = self.tenure_month

    inner join running as parent
        on
            hidden.parent_stratum = parent.stratum
            and hidden.last_known_month = parent.tenure_month

    inner join running as everybody
        on
            hidden.last_known_month = everybody.tenure_month
            and everybody.stratum = 'all'

    left join running as earlier
        on
            hidden.stratum = earlier.stratum
            and hidden.last_known_month - parameters.hazard_recent_months = earlier.tenure_month

),

foretold as (

    {% for rule, hazard in [
        ('all_exposure', 'all_exposure_hazard'), ('last_year', 'last_year_hazard'), ('flat', '0'),
    ] %}

        select
            '{{ rule }}' as tail_rule,
            stratum,
            last_known_month,
            customers,
            survival,
            power(1 - {{ hazard }}, free_months) as foretold_survival

        from known
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from foretold
