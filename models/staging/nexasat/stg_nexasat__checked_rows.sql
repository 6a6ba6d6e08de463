with

read_rows as (

    select * from {{ ref('stg_nexasat__read_rows') }}

),

repeated_customers as (

    select * from {{ ref('stg_nexasat__repeated_customers') }}

),

checked as (

    select
        ---------- ids
        read_rows.load_id,
        read_rows.line_number,
        read_rows.customer_id,
        read_rows.plan_key,

        ---------- strings
        read_rows.gender,
        read_rows.plan_type,
        read_rows.plan_level,
        case
            when read_rows.field_reasons is not null then read_rows.field_reasons
            when read_rows.line_number < repeated_customers.last_line_number
                then
                    'customer_id is delivered again on line '
                    || repeated_customers.last_line_number
        end as reasons,

        ---------- numerics
        read_rows.call_duration,
        read_rows.data_usage,
        read_rows.monthly_bill_amount,
        read_rows.tenure_months,

        ---------- booleans
        -- the same as `reasons is null`, in a form whose share PostgreSQL can guess: planned on a
        -- guess of half a percent, whatever counts all customers sorts them first
        read_rows.field_reasons is null
        and coalesce(
            read_rows.line_number >= repeated_customers.last_line_number, true
        ) as is_accepted,
        read_rows.is_senior_citizen,
        read_rows.has_partner,
        read_rows.has_dependents,
        read_rows.has_multiple_lines,
        read_rows.has_tech_support,
        read_rows.is_churned

    from read_rows

    left join repeated_customers
        on read_rows.customer_id = repeated_customers.customer_id

)

select * from checked
