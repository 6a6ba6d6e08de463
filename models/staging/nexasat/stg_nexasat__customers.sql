with

checked_rows as (

    select * from {{ ref('stg_nexasat__checked_rows') }}

),

accepted as (

    select
        ---------- ids
        customer_id,
        plan_key,

        ---------- strings
        gender,
        plan_type,
        plan_level,

        ---------- numerics
        call_duration,
        data_usage,
        monthly_bill_amount,
        tenure_months,

        ---------- booleans
        is_senior_citizen,
        has_partner,
        has_dependents,
        has_multiple_lines,
        has_tech_support,
        is_churned

    from checked_rows

    where is_accepted

)

select * from accepted
