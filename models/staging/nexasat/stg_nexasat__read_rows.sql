{#
  Every delivered row, cast where its text allows, with the reasons against its fields. A table, unlike most of staging:
  five models need it and a view would read a million texts five times (D-004).
#}
{{ config(materialized='table') }}

with

extract_rows as (

    select * from {{ ref('stg_nexasat__extract_rows') }}

),

plans as (

    select * from {{ ref('stg_config__plans') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

typed as (

    select
        extract_rows.load_id,
        extract_rows.line_number,
        extract_rows.raw_record,
        {% for column in extract_columns() %}
            extract_rows.{{ column }} as {{ column }}_text,
        {% endfor %}
        case
            when length(extract_rows.customer_id) <= parameters.maximum_customer_id_length
                then extract_rows.customer_id
        end as customer_id,
        plans.plan_key as plan,
        plans.plan_type,
        plans.plan_level,
        case lower(extract_rows.gender)
            when 'female' then 'Female'
            when 'male' then 'Male'
        end as gender,
        {{ whole_number_or_null('extract_rows.call_duration') }} as call_duration,
        {{ decimal_or_null('extract_rows.data_usage') }} as data_usage,
        {{ decimal_or_null('extract_rows.monthly_bill_amount') }} as monthly_bill_amount,
        {{ whole_number_or_null('extract_rows.tenure_months') }} as tenure_months,
        {{ yes_no_to_boolean('extract_rows.partner') }} as partner,
        {{ yes_no_to_boolean('extract_rows.dependents') }} as dependents,
        {{ yes_no_to_boolean('extract_rows.senior_citizen') }} as senior_citizen,
        {{ yes_no_to_boolean('extract_rows.multiple_lines') }} as multiple_lines,
        {{ yes_no_to_boolean('extract_rows.tech_support') }} as tech_support,
        {{ yes_no_to_boolean('extract_rows.churn') }} as churn,
        extract_rows.plan_level || ' ' || extract_rows.plan_type as plan_text,
        parameters.maximum_call_duration,
        parameters.maximum_data_usage,
        parameters.maximum_monthly_bill_amount,
        parameters.maximum_tenure_months,
        parameters.maximum_customer_id_length

    from extract_rows

    cross join parameters

    left join plans
        on
            lower(extract_rows.plan_type) = lower(plans.plan_type)
            and lower(extract_rows.plan_level) = lower(plans.plan_level)

    -- without it every text would be read again for each of its reasons
    {{ computed_once() }}

),

judged as (

    select
        ---------- ids
        load_id,
        line_number,
        customer_id,
        plan as plan_key,

        ---------- strings
        gender,
        plan_type,
        plan_level,
        {{ field_reasons() }} as field_reasons,

        ---------- numerics
        call_duration,
        data_usage,
        monthly_bill_amount,
        tenure_months,

        ---------- booleans
        senior_citizen as is_senior_citizen,
        partner as has_partner,
        dependents as has_dependents,
        multiple_lines as has_multiple_lines,
        tech_support as has_tech_support,
        churn as is_churned

    from typed

)

select * from judged
