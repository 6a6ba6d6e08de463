with

bill_conformity as (

    select * from {{ ref('fct_bill_conformity') }}

),

counted as (

    select
        plan_key,
        conformity,
        count(*) as customers,
        count(*) filter (where not is_churned) as active_customers,
        count(*) filter (where has_add_on) as add_on_customers,
        sum(monthly_bill_amount) filter (where not is_churned) as mrr,
        sum(card_bill_amount) filter (where not is_churned) as card_mrr

    from bill_conformity

    group by
        plan_key,
        conformity

),

shared as (

    select
        plan_key,
        conformity,
        customers,
        cast(
            customers / sum(customers) over (partition by plan_key) as numeric(9, 6)
        ) as plan_share,
        active_customers,
        add_on_customers,
        cast(coalesce(mrr, 0) as numeric(16, 2)) as mrr,
        cast(coalesce(card_mrr, 0) as numeric(16, 2)) as card_mrr,
        cast(coalesce(mrr - card_mrr, 0) as numeric(16, 2)) as bill_difference

    from counted

)

select * from shared
