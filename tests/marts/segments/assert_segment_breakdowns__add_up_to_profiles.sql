{# Each dimension shares out all customers of the tier; a tier that is not there fails too. #}
with

segment_profiles as (

    select * from {{ ref('rpt_segment_profiles') }}

),

segment_breakdowns as (

    select * from {{ ref('rpt_segment_breakdowns') }}

),

dimensions as (

    select
        value_tier,
        dimension_name,
        sum(customers) as customers

    from segment_breakdowns

    group by
        value_tier,
        dimension_name

),

mismatched as (

    select
        segment_profiles.value_tier,
        dimensions.dimension_name,
        segment_profiles.customers,
        dimensions.customers as customers_broken_down

    from segment_profiles

    left join dimensions
        on segment_profiles.value_tier = dimensions.value_tier

    where
        segment_profiles.customers > 0
        and (segment_profiles.customers = dimensions.customers) is not true

)

select * from mismatched
