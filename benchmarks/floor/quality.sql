-- Rejects, the audit of the load, and outliers.
create function pg_temp.field(field text) returns text
language sql immutable parallel safe return
    case
        when trim(field) like '%,%' or trim(field) like '%"%' or trim(field) like '%' || chr(10) || '%'
            then '"' || replace(trim(field), '"', '""') || '"'
        else coalesce(trim(field), '')
    end;

create table marts.fct_rejected_rows as
select
    checked.load_id, checked.line_number,
    nullif(trim(delivered.customer_id), '') as customer_id,
    loads.file_name,
    checked.line_number as file_line_number,
    reasons,
    concat_ws(
        ',',
        pg_temp.field(delivered.customer_id), pg_temp.field(delivered.gender), pg_temp.field(delivered.partner),
        pg_temp.field(delivered.dependents), pg_temp.field(delivered.senior_citizen),
        pg_temp.field(delivered.call_duration), pg_temp.field(delivered.data_usage),
        pg_temp.field(delivered.plan_type), pg_temp.field(delivered.plan_level),
        pg_temp.field(delivered.monthly_bill_amount), pg_temp.field(delivered.tenure_months),
        pg_temp.field(delivered.multiple_lines), pg_temp.field(delivered.tech_support), pg_temp.field(delivered.churn)
    ) as raw_record
from staging.stg_nexasat__checked_rows as checked
inner join raw.extract_rows as delivered using (line_number)
cross join raw.extract_loads as loads
where reasons is not null;

alter table marts.fct_rejected_rows
    add primary key (load_id, line_number),
    alter file_name set not null, alter file_line_number set not null,
    alter reasons set not null, alter raw_record set not null;

create table marts.rpt_load_audit as
select
    load_id, file_name, file_sha256, extract_date, delivered_rows, accepted_rows, rejected_rows, loaded_at
from raw.extract_loads
cross join (
    select
        count(*) filter (where reasons is null) as accepted_rows,
        count(*) filter (where reasons is not null) as rejected_rows
    from staging.stg_nexasat__checked_rows
) as judged;

alter table marts.rpt_load_audit
    add primary key (load_id),
    alter file_name set not null, alter extract_date set not null, alter delivered_rows set not null,
    alter accepted_rows set not null, alter rejected_rows set not null;

create table intermediate.fences as
with parameters as (
    select
        max(parameter_value) filter (where parameter = 'outlier_iqr_multiplier')::numeric(5, 2) as iqr_multiplier,
        max(parameter_value) filter (where parameter = 'outlier_sd_multiplier')::numeric(5, 2) as sd_multiplier
    from config.cfg_parameters
),
measured as (
    select
        percentile_cont(array[0.25, 0.75]) within group (order by monthly_bill_amount) as bill,
        avg(monthly_bill_amount) as bill_mean, stddev_samp(monthly_bill_amount) as bill_sd,
        percentile_cont(array[0.25, 0.75]) within group (order by tenure_months) as tenure,
        avg(tenure_months) as tenure_mean, stddev_samp(tenure_months) as tenure_sd,
        percentile_cont(array[0.25, 0.75]) within group (order by call_duration) as call,
        avg(call_duration) as call_mean, stddev_samp(call_duration) as call_sd,
        percentile_cont(array[0.25, 0.75]) within group (order by data_usage) as data,
        avg(data_usage) as data_mean, stddev_samp(data_usage) as data_sd
    from marts.dim_customers
),
rounded as (
    select
        column_name,
        quartiles[1]::numeric(14, 4) as first_quartile,
        quartiles[2]::numeric(14, 4) as third_quartile,
        mean::numeric(14, 4) as mean_value,
        sd::numeric(14, 4) as standard_deviation
    from measured
    cross join lateral (
        values
            ('monthly_bill_amount', bill, bill_mean, bill_sd), ('tenure_months', tenure, tenure_mean, tenure_sd),
            ('call_duration', call, call_mean, call_sd), ('data_usage', data, data_mean, data_sd)
    ) as unpivoted (column_name, quartiles, mean, sd)
)
select
    column_name, first_quartile, third_quartile, mean_value, standard_deviation,
    (first_quartile - iqr_multiplier * (third_quartile - first_quartile))::numeric(14, 4) as iqr_lower_fence,
    (third_quartile + iqr_multiplier * (third_quartile - first_quartile))::numeric(14, 4) as iqr_upper_fence,
    (mean_value - sd_multiplier * standard_deviation)::numeric(14, 4) as sd_lower_fence,
    (mean_value + sd_multiplier * standard_deviation)::numeric(14, 4) as sd_upper_fence
from rounded
cross join parameters;

create table marts.fct_customer_outliers as
select
    customer_id, column_name, monthly_bill_amount::numeric(14, 2) as column_value,
    monthly_bill_amount < iqr_lower_fence or monthly_bill_amount > iqr_upper_fence as is_outside_iqr,
    monthly_bill_amount < sd_lower_fence or monthly_bill_amount > sd_upper_fence as is_outside_sd
from marts.dim_customers
inner join intermediate.fences on column_name = 'monthly_bill_amount'
where monthly_bill_amount < greatest(iqr_lower_fence, sd_lower_fence) or monthly_bill_amount > least(iqr_upper_fence, sd_upper_fence)
union all
select
    customer_id, column_name, tenure_months::numeric(14, 2) as column_value,
    tenure_months < iqr_lower_fence or tenure_months > iqr_upper_fence as is_outside_iqr,
    tenure_months < sd_lower_fence or tenure_months > sd_upper_fence as is_outside_sd
from marts.dim_customers
inner join intermediate.fences on column_name = 'tenure_months'
where tenure_months < greatest(iqr_lower_fence, sd_lower_fence) or tenure_months > least(iqr_upper_fence, sd_upper_fence)
union all
select
    customer_id, column_name, call_duration::numeric(14, 2) as column_value,
    call_duration < iqr_lower_fence or call_duration > iqr_upper_fence as is_outside_iqr,
    call_duration < sd_lower_fence or call_duration > sd_upper_fence as is_outside_sd
from marts.dim_customers
inner join intermediate.fences on column_name = 'call_duration'
where call_duration < greatest(iqr_lower_fence, sd_lower_fence) or call_duration > least(iqr_upper_fence, sd_upper_fence)
union all
select
    customer_id, column_name, data_usage::numeric(14, 2) as column_value,
    data_usage < iqr_lower_fence or data_usage > iqr_upper_fence as is_outside_iqr,
    data_usage < sd_lower_fence or data_usage > sd_upper_fence as is_outside_sd
from marts.dim_customers
inner join intermediate.fences on column_name = 'data_usage'
where data_usage < greatest(iqr_lower_fence, sd_lower_fence) or data_usage > least(iqr_upper_fence, sd_upper_fence);

alter table marts.fct_customer_outliers
    add primary key (customer_id, column_name),
    add foreign key (customer_id) references marts.dim_customers (customer_id),
    alter column_value set not null, alter is_outside_iqr set not null, alter is_outside_sd set not null;

create table marts.rpt_outlier_summary as
select
    column_name, first_quartile, third_quartile, iqr_lower_fence, iqr_upper_fence,
    count(*) filter (where is_outside_iqr) as customers_outside_iqr,
    mean_value, standard_deviation, sd_lower_fence, sd_upper_fence,
    count(*) filter (where is_outside_sd) as customers_outside_sd
from intermediate.fences
left join marts.fct_customer_outliers using (column_name)
group by
    column_name, first_quartile, third_quartile, iqr_lower_fence, iqr_upper_fence, mean_value, standard_deviation,
    sd_lower_fence, sd_upper_fence;

alter table marts.rpt_outlier_summary
    add primary key (column_name),
    alter customers_outside_iqr set not null, alter customers_outside_sd set not null;
