{#
  The figures that curves are read for (D-014). Months and horizons are part of the column names, so they are written
  out here. Nothing is read beyond the last observed month, unless nobody is left.
#}
{%- set reached = 0.5 + 1e-9 -%}
with

survival_curves as (

    select * from {{ ref('fct_survival_curves') }}

),

stepped as (

    select
        stratum_level,
        stratum,
        tenure_month,
        at_risk,
        events,
        survival,
        survival_lower,
        survival_upper,
        is_extinct,
        lead(tenure_month) over (
            partition by stratum_level, stratum
            order by tenure_month
        ) as next_tenure_month

    from survival_curves

),

summed as (

    select
        stratum_level,
        stratum,
        max(at_risk) as customers,
        cast(sum(events) as bigint) as churned_customers,
        bool_or(is_extinct) as is_extinct,
        min(tenure_month) filter (where survival <= {{ reached }}) as median_tenure_months,
        min(tenure_month) filter (where survival_lower <= {{ reached }}) as median_tenure_lower,
        min(tenure_month) filter (where survival_upper <= {{ reached }}) as median_tenure_upper,
        {% for months in [6, 12, 24, 36] %}
            coalesce(
                min(survival) filter (where tenure_month <= {{ months }}), 1
            ) as survival_{{ months }}m,
        {% endfor %}
        {# the area below the steps: 1 before the first row, then a row's survival up to the next #}
        {% for months in [12, 24, 36, 60] %}
            least(min(tenure_month), {{ months }})
            + coalesce(
                sum(
                    survival
                    * (
                        least(coalesce(next_tenure_month, {{ months }}), {{ months }})
                        - tenure_month
                    )
                ) filter (where tenure_month < {{ months }}), 0
            ) as restricted_mean_{{ months }}m,
        {% endfor %}
        max(tenure_month) as last_tenure_month

    from stepped

    group by
        stratum_level,
        stratum

),

observed as (

    select
        stratum_level,
        stratum,
        customers,
        churned_customers,
        median_tenure_months,
        median_tenure_lower,
        median_tenure_upper,
        {% for months in [6, 12, 24, 36] %}
            case
                when is_extinct or last_tenure_month >= {{ months }} then survival_{{ months }}m
            end as survival_{{ months }}m,
        {% endfor %}
        {% for months in [12, 24, 36, 60] %}
            case
                when is_extinct or last_tenure_month >= {{ months }}
                    then restricted_mean_{{ months }}m
            end as restricted_mean_{{ months }}m,
        {% endfor %}
        last_tenure_month

    from summed

)

select * from observed
