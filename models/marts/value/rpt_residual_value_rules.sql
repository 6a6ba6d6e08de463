with

customers as (

    select * from {{ ref('dim_customers') }}

),

plans as (

    select * from {{ ref('dim_plans') }}

),

tail_rules as (

    select * from {{ ref('int_tail_rules_compared') }}

),

horizons as (

    select * from {{ ref('stg_config__horizons') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

rated_horizons as (

    select
        horizons.horizon_months,
        parameters.annual_discount_rate

    from horizons

    cross join parameters

    where horizons.horizon_months = 24

),

months_ahead as (

    {{ discounted_months(
        hazards='tail_rules',
        keys=['tail_rule', 'plan_key', 'usage_band'],
        month='tenure_month',
        hazard='hazard',
        flag='is_extrapolated',
        horizons='rated_horizons',
        horizon='horizon_months',
        annual_rate='horizons.annual_discount_rate',
    ) }}

),

cells as (

    select
        plan_key,
        usage_band,
        tenure_months,
        count(*) as customers,
        sum(monthly_bill_amount) as mrr

    from customers

    where not is_churned

    group by
        plan_key,
        usage_band,
        tenure_months

),

summed as (

    select
        months_ahead.tail_rule,
        coalesce(cells.plan_key, 'All') as plan_key,
        cast(sum(cells.customers) as bigint) as customers,
        cast(sum(
            plans.margin * cells.mrr
            * cast(months_ahead.discounted_months as numeric(16, 12))
        ) as numeric(16, 2)) as residual_clv_24m

    from cells

    inner join months_ahead
        on
            cells.plan_key = months_ahead.plan_key
            and cells.usage_band = months_ahead.usage_band
            and cells.tenure_months = months_ahead.tenure_month

    inner join plans
        on cells.plan_key = plans.plan_key

    group by grouping sets (
        (months_ahead.tail_rule, cells.plan_key),
        (months_ahead.tail_rule)
    )

),

differing as (

    select
        *,
        max(residual_clv_24m) filter (
            where tail_rule = 'all_exposure'
        ) over (partition by plan_key) as published_clv

    from summed

),

compared as (

    select
        plan_key,
        tail_rule,
        customers,
        residual_clv_24m,
        cast(
            residual_clv_24m / nullif(published_clv, 0) - 1 as numeric(12, 6)
        ) as relative_difference,
        tail_rule = 'all_exposure' as is_published,
        case
            when tail_rule = 'all_exposure' then 'the published value'
            when residual_clv_24m = published_clv then 'the rule makes no difference here'
            when residual_clv_24m > published_clv then 'the rule would promise more'
            else 'the rule would promise less'
        end as meaning

    from differing

)

select * from compared
