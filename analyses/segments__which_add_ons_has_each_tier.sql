{#
  Share of each tier that has tech support and more than one line, in percent.
  Trap: Premium includes both, so the shares tell mostly how much Premium a tier holds. That tech
  support "lowers churn" is the plan as well: inside each Basic plan there is no such difference.
#}
with

segment_profiles as (

    select * from {{ ref('rpt_segment_profiles') }}

),

attached as (

    select
        value_tier,
        value_tier_rank,
        cast(100 * tech_support_rate as numeric(5, 2)) as tech_support_percent,
        cast(100 * multiple_lines_rate as numeric(5, 2)) as multiple_lines_percent

    from segment_profiles

)

select * from attached
