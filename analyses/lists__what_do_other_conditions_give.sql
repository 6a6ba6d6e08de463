{#
  The sizes that the studies reach, or would reach, by other conditions for two of the lists.
  Trap: `and` binds before `or`. Without parentheses the upgrade list holds 683 customers, 498 of
  them Premium already. "Over 12 months" is not the new families of the list.
#}
with

customer_segments as (

    select * from {{ ref('fct_customer_segments') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

counted as (

    select
        count(*) filter (
            where
            customers.plan_level = 'Basic'
            and customer_segments.value_tier in ('High Value', 'Moderate Value')
            and customers.monthly_bill_amount > 150
        ) as upgrade_over_150,
        count(*) filter (
            where
            customers.plan_level = 'Basic'
            and customer_segments.value_tier in ('High Value', 'Moderate Value')
            and customers.monthly_bill_amount > 200
        ) as upgrade_over_200,
        count(*) filter (
            where
            (
                customers.plan_level = 'Basic'
                and customer_segments.value_tier = 'High Value'
            )
            or (
                customer_segments.value_tier = 'Moderate Value'
                and customers.monthly_bill_amount > 150
            )
        ) as upgrade_without_parentheses,
        count(*) filter (
            where
            customers.tenure_months > 12
            and (customers.has_partner or customers.has_dependents)
            and not customers.has_multiple_lines
        ) as families_over_12_months

    from customers

    inner join customer_segments
        on customers.customer_id = customer_segments.customer_id

)

select * from counted
