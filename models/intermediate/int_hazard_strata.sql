{#
  Every stratum that a customer can fall into, seen in the extract or not: one without customers takes
  the hazard of its parent (D-015).
#}
with

plans as (

    select * from {{ ref('stg_config__plans') }}

),

bands as (

    select * from {{ ref('stg_config__bands') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

stacked as (

    select
        'all' as stratum_level,
        'all' as stratum,
        cast(null as text) as parent_stratum,
        cast(null as text) as plan_key,
        cast(null as text) as usage_band,
        0 as lock_in_months,
        true as is_tail_of_all_months,
        hazard_root_shrinkage_customers as shrinkage_customers,
        cast(0 as numeric(9, 2)) as tail_shrinkage_months

    from parameters

    union all

    select
        'plan' as stratum_level,
        plans.plan_key as stratum,
        'all' as parent_stratum,
        plans.plan_key,
        cast(null as text) as usage_band,
        plans.lock_in_months,
        true as is_tail_of_all_months,
        parameters.hazard_plan_shrinkage_customers as shrinkage_customers,
        parameters.hazard_tail_shrinkage_months as tail_shrinkage_months

    from plans

    cross join parameters

    union all

    select
        'plan_usage' as stratum_level,
        plans.plan_key || ', ' || bands.band_label as stratum,
        plans.plan_key as parent_stratum,
        plans.plan_key,
        bands.band_label as usage_band,
        plans.lock_in_months,
        false as is_tail_of_all_months,
        parameters.hazard_shrinkage_customers as shrinkage_customers,
        parameters.hazard_tail_shrinkage_months as tail_shrinkage_months

    from plans

    cross join parameters

    inner join bands
        on bands.band_type = 'usage'

),

numbered as (

    select
        row_number() over (order by stratum_level asc, stratum asc) as stratum_number,
        stratum_level,
        stratum,
        parent_stratum,
        plan_key,
        usage_band,
        lock_in_months,
        is_tail_of_all_months,
        shrinkage_customers,
        tail_shrinkage_months

    from stacked

)

select * from numbered
