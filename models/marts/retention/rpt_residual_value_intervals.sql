{#
  What the sample leaves open beside what the model leaves open (D-020). Bounds lie around the published
  value, not around the mean of the samples: a total over so many customers is as good as normal.
#}
with

value_rules as (

    select * from {{ ref('rpt_residual_value_rules') }}

),

samples_valued as (

    select * from {{ ref('int_samples_valued') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

levels as (

    select {{ to_double('(1 + survival_confidence) / 2') }} as upper_level from parameters

),

quantiles as (

    select {{ normal_quantile('upper_level') }} as standard_errors from levels

),

deviations as (

    select
        plan_key,
        max(residual_clv_24m) filter (where sample_number = 0) as total_of_extract,
        max(drawn_residual_clv_24m / nullif(drawn_customers, 0)) filter (
            where sample_number = 0
        ) as mean_of_extract,
        stddev_samp(residual_clv_24m) filter (where sample_number > 0) as total_error,
        stddev_samp(drawn_residual_clv_24m / nullif(drawn_customers, 0)) filter (
            where sample_number > 0
        ) as mean_error

    from samples_valued

    group by plan_key

),

ruled as (

    select
        plan_key,
        max(customers) as customers,
        max(residual_clv_24m) filter (where is_published) as published_value,
        min(residual_clv_24m) as lowest_value,
        max(residual_clv_24m) as highest_value

    from value_rules

    group by plan_key

),

measured as (

    {% for measure, divisor, whose in [
        ('total', '1', 'for these customers'), ('mean', 'ruled.customers', 'for customers like these')
    ] %}

        select
            ruled.plan_key,
            '{{ measure }}' as measure,
            '{{ whose }}' as whose,
            ruled.customers,
            deviations.{{ measure }}_of_extract as extract_value,
            deviations.{{ measure }}_error as sampling_error,
            quantiles.standard_errors * deviations.{{ measure }}_error as half_width,
            ruled.published_value / {{ divisor }} as published_value,
            ruled.lowest_value / {{ divisor }} as lowest_value,
            ruled.highest_value / {{ divisor }} as highest_value

        from ruled

        cross join quantiles

        inner join deviations
            on ruled.plan_key = deviations.plan_key
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

compared as (

    select
        *,
        cast(half_width / nullif(published_value, 0) as numeric(12, 6)) as sampling_spread,
        cast(
            greatest(highest_value - published_value, published_value - lowest_value)
            / nullif(published_value, 0) as numeric(12, 6)
        ) as model_spread

    from measured

),

worded as (

    select
        plan_key,
        case when plan_key = 'All' then 'all' else 'plan' end as stratum_level,
        measure,
        customers,
        cast(published_value as numeric(16, 2)) as published_value,
        cast(extract_value as numeric(16, 2)) as extract_value,
        cast(sampling_error as numeric(16, 2)) as sampling_error,
        cast(greatest(published_value - half_width, 0) as numeric(16, 2)) as sampling_lower,
        cast(published_value + half_width as numeric(16, 2)) as sampling_upper,
        sampling_spread,
        cast(lowest_value as numeric(16, 2)) as lowest_by_tail_rule,
        cast(highest_value as numeric(16, 2)) as highest_by_tail_rule,
        model_spread,
        coalesce(
            whose || ' the sample leaves '
            || cast(cast(100 * sampling_spread as numeric(12, 1)) as text)
            || ' % open either way, the choice of tail rule up to '
            || cast(cast(100 * model_spread as numeric(12, 1)) as text)
            || case
                when model_spread > sampling_spread then ' %: judge by the tail rules'
                when model_spread < sampling_spread then ' %: judge by the sample'
                else ' %: both leave as much open'
            end,
            'nothing is expected, so nothing is open'
        ) as meaning

    from compared

)

select * from worded
