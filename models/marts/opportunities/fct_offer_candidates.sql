with

customers_matched as (

    select * from {{ ref('int_customers_offers_matched') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

offer_rules as (

    select * from {{ ref('dim_offer_rules') }}

),

offers as (

    select * from {{ ref('dim_offers') }}

),

plans as (

    select * from {{ ref('dim_plans') }}

),

priced as (

    select
        customers_matched.*,
        offer_rules.rule_words,
        offers.offer_kind,
        customers.plan_key,
        offers.target_plan_key,
        customers.monthly_bill_amount,
        customers.tenure_months,
        offers.contact_cost,
        offers.acceptance_rate,
        offers.avoided_churn_share,
        offers.discount_rate,
        cast(
            {{ bill_after_offer('offers', 'customers', 'own_plans', 'target_plans') }}
            as numeric(12, 2)
        ) as monthly_bill_after,
        offers.value_basis,
        customers.snapshot_date

    from customers_matched

    inner join customers
        on customers_matched.customer_id = customers.customer_id

    inner join offers
        on customers_matched.offer_key = offers.offer_key

    inner join offer_rules
        on
            customers_matched.offer_key = offer_rules.offer_key
            and customers_matched.rule_number = offer_rules.rule_number

    inner join plans as own_plans
        on customers.plan_key = own_plans.plan_key

    left join plans as target_plans
        on offers.target_plan_key = target_plans.plan_key

    {{ computed_once() }}

),

valued as (

    select
        priced.*,
        customer_value.churn_probability_12m,
        customer_value.historical_clv,
        customer_value.expected_months_24m,
        priced.monthly_bill_after - priced.monthly_bill_amount as monthly_delta,
        cast(
            (priced.monthly_bill_after - priced.monthly_bill_amount)
            * customer_value.expected_months_24m as numeric(24, 12)
        ) as value_if_accepted,
        round(
            priced.discount_rate * priced.monthly_bill_after * customer_value.expected_months_3m, 2
        ) as discount_cost,
        cast(customer_value.expected_loss_12m as numeric(14, 2)) as expected_loss_12m

    from priced

    inner join customer_value
        on priced.customer_id = customer_value.customer_id

    {{ computed_once() }}

),

candidates as (

    select
        customer_id,
        offer_key,
        offer_kind,
        plan_key,
        target_plan_key,
        value_tier,
        rule_words,
        monthly_bill_amount,
        monthly_bill_after,
        monthly_delta,
        monthly_delta < 0 as is_bill_lowered,
        monthly_delta < 0 and offer_kind != 'retention' as is_barred,
        tenure_months,
        historical_clv,
        churn_probability_12m,
        expected_months_24m,
        value_if_accepted,
        discount_cost,
        expected_loss_12m,
        contact_cost,
        acceptance_rate,
        {{ break_even('contact_cost', 'value_if_accepted - discount_cost') }}
            as break_even_acceptance,
        {{ break_even('discount_cost', 'expected_loss_12m') }} as break_even_avoided_churn,
        cast(
            acceptance_rate
            * (value_if_accepted + avoided_churn_share * expected_loss_12m - discount_cost)
            - contact_cost as numeric(14, 2)
        ) as expected_value,
        value_basis,
        snapshot_date

    from valued

)

select * from candidates
