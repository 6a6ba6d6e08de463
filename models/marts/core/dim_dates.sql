{# From the first to the last day that a mart names: nothing can be asked of days outside. #}
with

kpi_history as (

    select * from {{ ref('rpt_kpi_history') }}

),

freshness as (

    select * from {{ ref('rpt_freshness') }}

),

campaign_customers as (

    select * from {{ ref('fct_campaign_customers') }}

),

named_days as (

    select extract_date as calendar_date from kpi_history

    union distinct

    select extract_date as calendar_date from freshness

    union distinct

    select assigned_date as calendar_date from campaign_customers

),

bounded as (

    select
        min(calendar_date) as first_date,
        max(calendar_date) - min(calendar_date) as day_count

    from named_days

),

numbered as (

    select
        first_date,
        {{ number_series('0', 'day_count') }} as day_number

    from bounded

),

dated as (

    select cast(first_date + day_number as date) as calendar_date

    from numbered

),

extract_days as (

    select extract_date as calendar_date from kpi_history

    union distinct

    select extract_date as calendar_date from freshness

),

told as (

    select
        dated.calendar_date,
        cast(date_trunc('month', dated.calendar_date) as date) as month_start_date,
        extract_days.calendar_date is not null as has_extract

    from dated

    left join extract_days
        on dated.calendar_date = extract_days.calendar_date

)

select * from told
