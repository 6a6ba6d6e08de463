{# What was billed beside what the price card says (D-021). #}
with

customers as (

    select * from {{ ref('dim_customers') }}

),

-- once more, as are the plans: a step with two readers is written out in full
all_customers as (

    select * from {{ ref('dim_customers') }}

),

plans as (

    select * from {{ ref('dim_plans') }}

),

other_plans as (

    select * from {{ ref('dim_plans') }}

),

priced as (

    select
        customers.customer_id,
        customers.plan_key,
        customers.is_churned,
        customers.has_tech_support or customers.has_multiple_lines as has_add_on,
        customers.monthly_bill_amount,
        cast({{ card_bill('plans', 'customers') }} as numeric(12, 2)) as card_bill_amount,
        coalesce(customers.data_usage > plans.fitted_gigabytes, false) as is_usage_not_fitted

    from customers

    inner join plans
        on customers.plan_key = plans.plan_key

    {{ computed_once() }}

),

billed_as as (

    select
        all_customers.customer_id,
        min(other_plans.plan_key) as billed_as_plan_key

    from all_customers

    inner join other_plans
        on
            all_customers.plan_level = other_plans.plan_level
            and all_customers.plan_key != other_plans.plan_key
            and all_customers.monthly_bill_amount = {{ card_bill('other_plans', 'all_customers') }}

    group by all_customers.customer_id

),

compared as (

    select
        priced.customer_id,
        priced.plan_key,
        billed_as.billed_as_plan_key,
        priced.is_churned,
        priced.has_add_on,
        priced.monthly_bill_amount,
        priced.card_bill_amount,
        cast(
            priced.monthly_bill_amount - priced.card_bill_amount as numeric(12, 2)
        ) as bill_difference,
        case
            when priced.monthly_bill_amount = priced.card_bill_amount then 'fits'
            when billed_as.billed_as_plan_key is not null then 'billed_as_other_plan'
            when priced.is_usage_not_fitted then 'usage_not_fitted'
            else 'unexplained'
        end as conformity

    from priced

    left join billed_as
        on priced.customer_id = billed_as.customer_id

)

select * from compared
