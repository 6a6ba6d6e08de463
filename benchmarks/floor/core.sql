create schema marts;

create table marts.dim_plans as
select
    plan_key, plan_type, plan_level, base_price, minute_rate, gigabyte_rate,
    (case when includes_add_ons then 0 else support.monthly_price end)::numeric(12, 2) as tech_support_price,
    (case when includes_add_ons then 0 else line.monthly_price end)::numeric(12, 2) as extra_line_price,
    bill_decimals, fitted_gigabytes, includes_add_ons as is_add_ons_included, lock_in_months, plans.price_source, margin
from config.cfg_plans as plans
inner join config.cfg_add_ons as support on support.add_on_key = 'tech_support'
inner join config.cfg_add_ons as line on line.add_on_key = 'extra_line';

alter table marts.dim_plans
    add primary key (plan_key),
    alter plan_type set not null, alter plan_level set not null, alter base_price set not null,
    alter minute_rate set not null, alter gigabyte_rate set not null, alter tech_support_price set not null,
    alter extra_line_price set not null, alter bill_decimals set not null, alter is_add_ons_included set not null, alter lock_in_months set not null,
    alter price_source set not null, alter margin set not null;

create table marts.dim_customers as
select
    customer_id, plan_key, gender, plan_type, plan_level, tenure_bands.band_label as tenure_band,
    usage_bands.band_label as usage_band, monthly_bill_amount::numeric(12, 2), tenure_months, call_duration,
    data_usage::numeric(12, 2),
    is_senior_citizen, has_partner, has_dependents, has_multiple_lines, has_tech_support, is_churned,
    loads.extract_date as snapshot_date
from staging.stg_nexasat__checked_rows
cross join raw.extract_loads as loads
inner join config.cfg_bands as tenure_bands
    on
        tenure_bands.band_type = 'tenure'
        and (tenure_bands.above is null or tenure_months > tenure_bands.above)
        and (tenure_bands.up_to is null or tenure_months <= tenure_bands.up_to)
inner join config.cfg_bands as usage_bands
    on
        usage_bands.band_type = 'usage'
        and (usage_bands.above is null or data_usage > usage_bands.above)
        and (usage_bands.up_to is null or data_usage <= usage_bands.up_to)
where reasons is null;

alter table marts.dim_customers
    add primary key (customer_id),
    add foreign key (plan_key) references marts.dim_plans (plan_key),
    alter plan_key set not null, alter gender set not null, alter plan_type set not null,
    alter plan_level set not null, alter tenure_band set not null, alter usage_band set not null,
    alter monthly_bill_amount set not null, alter tenure_months set not null, alter call_duration set not null,
    alter data_usage set not null, alter is_senior_citizen set not null, alter has_partner set not null,
    alter has_dependents set not null, alter has_multiple_lines set not null, alter has_tech_support set not null,
    alter is_churned set not null, alter snapshot_date set not null;

analyze marts.dim_customers;

create table marts.rpt_plan_summary as
select
    coalesce(plan_level, 'All') as plan_level,
    coalesce(plan_type, 'All') as plan_type,
    count(*) as customers,
    count(*) filter (where not is_churned) as active_customers,
    count(*) filter (where is_churned) as churned_customers,
    (count(*) filter (where is_churned)::numeric / nullif(count(*), 0))::numeric(9, 6) as churn_rate,
    coalesce(sum(monthly_bill_amount), 0)::numeric(16, 2) as billed_amount_all,
    coalesce(sum(monthly_bill_amount) filter (where not is_churned), 0)::numeric(16, 2) as mrr,
    avg(monthly_bill_amount)::numeric(12, 2) as mean_bill_all,
    (avg(monthly_bill_amount) filter (where not is_churned))::numeric(12, 2) as mean_bill_active,
    avg(tenure_months)::numeric(12, 2) as mean_tenure_all,
    (avg(tenure_months) filter (where not is_churned))::numeric(12, 2) as mean_tenure_active,
    avg(call_duration)::numeric(12, 2) as mean_call_duration,
    avg(data_usage)::numeric(12, 2) as mean_data_usage
from marts.dim_customers
group by cube (plan_level, plan_type);

alter table marts.rpt_plan_summary
    add primary key (plan_level, plan_type),
    alter customers set not null, alter active_customers set not null, alter churned_customers set not null,
    alter billed_amount_all set not null, alter mrr set not null;
