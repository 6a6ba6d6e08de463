{#
  Mean bill and tenure of the two upper tiers, by plan level.
  Trap: Basic customers of these tiers pay more than Premium ones, 241.42 against 200.96, so to move
  them to Premium lowers revenue. The published 200.97 rounds each bill to a whole number first,
  halves to even; halves away from zero, as here, give 200.98.
#}
with

customer_segments as (

    select * from {{ ref('fct_customer_segments') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

averaged as (

    select
        customer_segments.plan_level,
        count(*) as customers,
        cast(avg(customers.monthly_bill_amount) as numeric(12, 2)) as mean_bill,
        cast(
            avg(round(customers.monthly_bill_amount, 0)) as numeric(12, 2)
        ) as mean_of_whole_bills,
        cast(avg(customers.tenure_months) as numeric(12, 2)) as mean_tenure_months

    from customer_segments

    inner join customers
        on customer_segments.customer_id = customers.customer_id

    where customer_segments.value_tier in ('High Value', 'Moderate Value')

    group by customer_segments.plan_level

)

select * from averaged
