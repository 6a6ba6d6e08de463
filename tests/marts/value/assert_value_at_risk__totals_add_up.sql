{# Counts and bills exactly; values are rounded a row, so to half a cent for each row. #}
with

value_at_risk as (

    select * from {{ ref('rpt_value_at_risk') }}

),

cells as (

    select
        count(*) as cell_count,
        coalesce(sum(customers), 0) as customers,
        coalesce(sum(at_risk_customers), 0) as at_risk_customers,
        coalesce(sum(mrr), 0) as mrr,
        coalesce(sum(expected_loss_12m), 0) as expected_loss_12m

    from value_at_risk

    where
        plan_key != 'All'
        and value_tier != 'All'

),

mismatched as (

    select
        value_at_risk.plan_key,
        value_at_risk.customers,
        cells.customers as customers_of_cells,
        value_at_risk.expected_loss_12m,
        cells.expected_loss_12m as expected_loss_of_cells

    from cells

    left join value_at_risk
        on
            value_at_risk.plan_key = 'All'
            and value_at_risk.value_tier = 'All'

    where
        (
            cells.customers = value_at_risk.customers
            and cells.at_risk_customers = value_at_risk.at_risk_customers
            and cells.mrr = value_at_risk.mrr
            and abs(cells.expected_loss_12m - value_at_risk.expected_loss_12m)
            <= (cells.cell_count + 1) * 0.01
        ) is not true

)

select * from mismatched
