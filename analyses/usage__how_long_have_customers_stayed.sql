{#
  Mean tenure in months of all and of active Premium customers.
  Trap: two studies average whole numbers on a server that cuts the decimals off, so 24.51 months
  were published as 24, where rounding gives 25. Tenure of customers who stay is not finished.
#}
with

customers as (

    select * from {{ ref('dim_customers') }}

),

populations as (

    select
        'all' as population,
        tenure_months

    from customers

    union all

    select
        'active Premium' as population,
        tenure_months

    from customers

    where
        not is_churned
        and plan_level = 'Premium'

),

averaged as (

    select
        population,
        count(*) as customers,
        cast(avg(tenure_months) as numeric(12, 2)) as mean_tenure_months,
        cast(round(avg(tenure_months), 0) as integer) as mean_tenure_rounded,
        cast(floor(avg(tenure_months)) as integer) as mean_tenure_cut_off

    from populations

    group by population

)

select * from averaged
