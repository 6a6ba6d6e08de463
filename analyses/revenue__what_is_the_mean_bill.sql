{#
  The mean bill (ARPU) of all, active and active Premium customers, exact and as published.
  Trap: many studies turn each bill into a whole number before they average. That gives 157.54
  for active customers; the mean of the real bills is 157.53.
#}
with

customers as (

    select * from {{ ref('dim_customers') }}

),

populations as (

    select
        'all' as population,
        monthly_bill_amount

    from customers

    union all

    select
        'active' as population,
        monthly_bill_amount

    from customers

    where not is_churned

    union all

    select
        'active Premium' as population,
        monthly_bill_amount

    from customers

    where
        not is_churned
        and plan_level = 'Premium'

),

averaged as (

    select
        population,
        count(*) as customers,
        cast(avg(monthly_bill_amount) as numeric(12, 2)) as mean_bill,
        cast(avg(round(monthly_bill_amount, 0)) as numeric(12, 2)) as mean_of_whole_bills

    from populations

    group by population

)

select * from averaged
