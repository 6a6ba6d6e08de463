-- Every row is read, and told why it is refused; then the customers that are delivered twice.
create schema staging;

create function pg_temp.unreadable(field text, field_text text, expectation text) returns text
language sql immutable parallel safe return
    case
        when field_text is null then field || ' is missing'
        else field || ' ''' || left(field_text, 40) || ''' is not ' || expectation
    end;

create table staging.stg_nexasat__checked_rows as
with limits as (
    select
        max(parameter_value) filter (where parameter = 'maximum_tenure_months')::integer as longest_tenure,
        max(parameter_value) filter (where parameter = 'maximum_customer_id_length')::integer as longest_id,
        max(parameter_value) filter (where parameter = 'maximum_call_duration')::integer as most_minutes,
        max(parameter_value) filter (where parameter = 'maximum_data_usage')::integer as most_gigabytes,
        max(parameter_value) filter (where parameter = 'maximum_monthly_bill_amount')::integer as largest_bill
    from config.cfg_parameters
),
trimmed as (
    select
        load_id, line_number,
        nullif(trim(customer_id), '') as customer_id_text,
        nullif(trim(gender), '') as gender_text,
        nullif(trim(partner), '') as partner_text,
        nullif(trim(dependents), '') as dependents_text,
        nullif(trim(senior_citizen), '') as senior_citizen_text,
        nullif(trim(call_duration), '') as call_duration_text,
        nullif(trim(data_usage), '') as data_usage_text,
        nullif(trim(plan_type), '') as plan_type_text,
        nullif(trim(plan_level), '') as plan_level_text,
        nullif(trim(monthly_bill_amount), '') as monthly_bill_amount_text,
        nullif(trim(tenure_months), '') as tenure_months_text,
        nullif(trim(multiple_lines), '') as multiple_lines_text,
        nullif(trim(tech_support), '') as tech_support_text,
        nullif(trim(churn), '') as churn_text
    from raw.extract_rows
),
typed as (
    select
        trimmed.*,
        limits.*,
        plans.plan_key, plans.plan_type, plans.plan_level,
        case when length(customer_id_text) <= longest_id then customer_id_text end as customer_id,
        case lower(gender_text) when 'female' then 'Female' when 'male' then 'Male' end as gender,
        case when call_duration_text ~ '^[+-]?[0-9]{1,9}$' then call_duration_text::integer end as call_duration,
        case
            when data_usage_text ~ '^[+-]?[0-9]{1,9}([.][0-9]{1,2})?$' then data_usage_text::numeric(12, 2)
        end as data_usage,
        case
            when monthly_bill_amount_text ~ '^[+-]?[0-9]{1,9}([.][0-9]{1,2})?$'
                then monthly_bill_amount_text::numeric(12, 2)
        end as monthly_bill_amount,
        case when tenure_months_text ~ '^[+-]?[0-9]{1,9}$' then tenure_months_text::integer end as tenure_months,
        case lower(partner_text)
            when 'yes' then true when '1' then true when 'no' then false when '0' then false
        end as has_partner,
        case lower(dependents_text)
            when 'yes' then true when '1' then true when 'no' then false when '0' then false
        end as has_dependents,
        case lower(senior_citizen_text)
            when 'yes' then true when '1' then true when 'no' then false when '0' then false
        end as is_senior_citizen,
        case lower(multiple_lines_text)
            when 'yes' then true when '1' then true when 'no' then false when '0' then false
        end as has_multiple_lines,
        case lower(tech_support_text)
            when 'yes' then true when '1' then true when 'no' then false when '0' then false
        end as has_tech_support,
        case lower(churn_text)
            when 'yes' then true when '1' then true when 'no' then false when '0' then false
        end as is_churned
    from trimmed
    cross join limits
    left join config.cfg_plans as plans
        on
            lower(plan_type_text) = lower(plans.plan_type)
            and lower(plan_level_text) = lower(plans.plan_level)
    offset '0'  -- a fence: each text is read once; a bigint, so that it stays parallel
)
select
    load_id, line_number, customer_id, plan_key, gender, plan_type, plan_level, call_duration, data_usage,
    monthly_bill_amount, tenure_months, is_senior_citizen, has_partner, has_dependents, has_multiple_lines,
    has_tech_support, is_churned,
    nullif(concat_ws(
        '; ',
        case
            when customer_id_text is null then 'customer_id is missing'
            when customer_id is null then 'customer_id is longer than ' || longest_id || ' characters'
        end,
        case when gender is null then pg_temp.unreadable('gender', gender_text, 'Female or Male') end,
        case when has_partner is null then pg_temp.unreadable('partner', partner_text, 'Yes or No') end,
        case when has_dependents is null then pg_temp.unreadable('dependents', dependents_text, 'Yes or No') end,
        case
            when is_senior_citizen is null
                then pg_temp.unreadable('senior_citizen', senior_citizen_text, '0 or 1')
        end,
        case
            when call_duration is null
                then pg_temp.unreadable('call_duration', call_duration_text, 'a whole number')
            when call_duration < 0 then 'call_duration is negative'
            when call_duration > most_minutes then 'call_duration is over ' || most_minutes
        end,
        case
            when data_usage is null
                then pg_temp.unreadable('data_usage', data_usage_text, 'a number with at most 2 decimals')
            when data_usage < 0 then 'data_usage is negative'
            when data_usage > most_gigabytes then 'data_usage is over ' || most_gigabytes
        end,
        case
            when plan_key is null
                then pg_temp.unreadable('plan', plan_level_text || ' ' || plan_type_text, 'a plan of cfg_plans')
        end,
        case
            when monthly_bill_amount is null
                then pg_temp.unreadable(
                    'monthly_bill_amount', monthly_bill_amount_text, 'a number with at most 2 decimals'
                )
            when monthly_bill_amount < 0 then 'monthly_bill_amount is negative'
            when monthly_bill_amount > largest_bill then 'monthly_bill_amount is over ' || largest_bill
        end,
        case
            when tenure_months is null
                then pg_temp.unreadable('tenure_months', tenure_months_text, 'a whole number')
            when tenure_months < 0 then 'tenure_months is negative'
            when tenure_months > longest_tenure then 'tenure_months is over ' || longest_tenure
        end,
        case
            when has_multiple_lines is null
                then pg_temp.unreadable('multiple_lines', multiple_lines_text, 'Yes or No')
        end,
        case when has_tech_support is null then pg_temp.unreadable('tech_support', tech_support_text, 'Yes or No') end,
        case when is_churned is null then pg_temp.unreadable('churn', churn_text, '0 or 1') end
    ), '') as reasons
from typed;

with repeated_customers as (
    select
        customer_id,
        max(line_number) as last_line_number
    from staging.stg_nexasat__checked_rows
    where reasons is null
    group by customer_id
    having count(*) > 1
)
update staging.stg_nexasat__checked_rows as checked
set reasons = 'customer_id is delivered again on line ' || last_line_number
from repeated_customers as repeated
where checked.customer_id = repeated.customer_id and reasons is null and line_number < last_line_number;

analyze staging.stg_nexasat__checked_rows;
