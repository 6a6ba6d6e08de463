-- Tier, cluster and bands of each active customer, and the reports on them.
create view intermediate.tiered as
select customer_id, is_churned, clv_score, value_tier, value_tier_rank
from intermediate.scores
inner join marts.dim_segments
    on
        (
            lower_clv_score is null
            or clv_score > lower_clv_score
            or (is_lower_included and clv_score = lower_clv_score)
        )
        and (
            upper_clv_score is null
            or clv_score < upper_clv_score
            or (is_upper_included and clv_score = upper_clv_score)
        );

create table marts.fct_customer_segments as
select
    customer_id, plan_key, dim_clusters.cluster_id, value_tier, cluster_name, plan_type, plan_level, gender,
    tenure_band, usage_band, value_tier_rank, clv_score, churn_probability_12m, cluster_margin, is_at_risk,
    is_senior_citizen, has_partner, has_dependents, has_multiple_lines, has_tech_support
from marts.dim_customers as customers
inner join intermediate.tiered using (customer_id)
inner join intermediate.futures using (plan_key, usage_band, tenure_months)
left join intermediate.customers_assigned using (customer_id)
left join marts.dim_clusters on customers_assigned.cluster_id = dim_clusters.cluster_id
where not customers.is_churned;

alter table marts.fct_customer_segments
    add primary key (customer_id),
    add foreign key (customer_id) references marts.dim_customers (customer_id),
    add foreign key (plan_key) references marts.dim_plans (plan_key),
    add foreign key (value_tier) references marts.dim_segments (value_tier),
    add foreign key (cluster_id) references marts.dim_clusters (cluster_id),
    alter plan_key set not null, alter value_tier set not null, alter plan_type set not null,
    alter plan_level set not null, alter gender set not null, alter tenure_band set not null,
    alter usage_band set not null, alter value_tier_rank set not null, alter clv_score set not null,
    alter churn_probability_12m set not null, alter is_at_risk set not null,
    alter is_senior_citizen set not null, alter has_partner set not null, alter has_dependents set not null,
    alter has_multiple_lines set not null, alter has_tech_support set not null;

analyze marts.fct_customer_segments;

create table marts.rpt_segment_profiles as
with profiled as (
    select
        segments.value_tier,
        count(*) as customers,
        sum(monthly_bill_amount) as mrr,
        avg(monthly_bill_amount) as mean_bill,
        avg(tenure_months) as mean_tenure,
        sum(historical_clv) as historical_clv,
        sum(residual_clv_12m) as residual_clv_12m, sum(residual_clv_24m) as residual_clv_24m,
        sum(residual_clv_36m) as residual_clv_36m,
        avg(segments.churn_probability_12m) as mean_churn_probability_12m,
        count(*) filter (where segments.is_at_risk) as at_risk_customers,
        count(*) filter (where has_tech_support) as tech_support_customers,
        count(*) filter (where has_multiple_lines) as multiple_lines_customers
    from marts.fct_customer_segments as segments
    inner join marts.fct_customer_value using (customer_id)
    group by segments.value_tier
),
churned as (
    select
        value_tier,
        count(*) as customers_scored,
        count(*) filter (where is_churned) as churned_customers
    from intermediate.tiered
    group by value_tier
)
select
    value_tier, value_tier_rank,
    coalesce(customers, 0) as customers,
    (customers / nullif(sum(customers) over (), 0))::numeric(9, 6) as customer_share,
    coalesce(mrr, 0)::numeric(16, 2) as mrr,
    (mrr / nullif(sum(mrr) over (), 0))::numeric(9, 6) as mrr_share,
    mean_bill::numeric(12, 2) as mean_monthly_bill_amount,
    mean_tenure::numeric(12, 2) as mean_tenure_months,
    coalesce(historical_clv, 0)::numeric(16, 2) as historical_clv,
    (historical_clv / nullif(customers, 0))::numeric(14, 2) as mean_historical_clv,
    coalesce(residual_clv_12m, 0)::numeric(16, 2) as residual_clv_12m,
    coalesce(residual_clv_24m, 0)::numeric(16, 2) as residual_clv_24m,
    coalesce(residual_clv_36m, 0)::numeric(16, 2) as residual_clv_36m,
    mean_churn_probability_12m::numeric(9, 6) as mean_churn_probability_12m,
    coalesce(at_risk_customers, 0) as at_risk_customers,
    (tech_support_customers::numeric / nullif(customers, 0))::numeric(9, 6) as tech_support_rate,
    (multiple_lines_customers::numeric / nullif(customers, 0))::numeric(9, 6) as multiple_lines_rate,
    coalesce(customers_scored, 0) as customers_scored,
    coalesce(churned_customers, 0) as churned_customers,
    (churned_customers::numeric / nullif(customers_scored, 0))::numeric(9, 6) as churn_rate,
    recommended_attention
from marts.dim_segments
left join profiled using (value_tier)
left join churned using (value_tier);

alter table marts.rpt_segment_profiles
    add primary key (value_tier),
    add foreign key (value_tier) references marts.dim_segments (value_tier),
    alter value_tier_rank set not null, alter customers set not null, alter mrr set not null,
    alter historical_clv set not null, alter residual_clv_12m set not null, alter residual_clv_24m set not null,
    alter residual_clv_36m set not null, alter at_risk_customers set not null, alter customers_scored set not null,
    alter churned_customers set not null,
    alter recommended_attention set not null;

create table marts.rpt_segment_breakdowns as
with counted as (
    select
        value_tier, value_tier_rank, gender, is_senior_citizen, has_partner, has_dependents, plan_key, usage_band,
        tenure_band, count(*) as customers, avg(churn_probability_12m) as mean_churn_probability_12m
    from marts.fct_customer_segments
    group by grouping sets (
        (value_tier, value_tier_rank, gender), (value_tier, value_tier_rank, is_senior_citizen),
        (value_tier, value_tier_rank, has_partner), (value_tier, value_tier_rank, has_dependents),
        (value_tier, value_tier_rank, plan_key), (value_tier, value_tier_rank, usage_band),
        (value_tier, value_tier_rank, tenure_band)
    )
),
labelled as (
    select
        value_tier, value_tier_rank, dimension_name, dimension_value, customers, mean_churn_probability_12m
    from counted
    cross join lateral (
        values
            ('gender', gender),
            ('is_senior_citizen', case is_senior_citizen when true then 'Yes' when false then 'No' end),
            ('has_partner', case has_partner when true then 'Yes' when false then 'No' end),
            ('has_dependents', case has_dependents when true then 'Yes' when false then 'No' end),
            ('plan_key', plan_key), ('usage_band', usage_band), ('tenure_band', tenure_band)
    ) as dimensions (dimension_name, dimension_value)
    where dimension_value is not null
)
select
    value_tier, value_tier_rank, dimension_name, dimension_value, customers,
    (customers / sum(customers) over (partition by value_tier, dimension_name))::numeric(9, 6) as share_within_tier,
    mean_churn_probability_12m::numeric(9, 6) as mean_churn_probability_12m
from labelled;

alter table marts.rpt_segment_breakdowns
    add primary key (value_tier, dimension_name, dimension_value),
    add foreign key (value_tier) references marts.dim_segments (value_tier),
    alter value_tier_rank set not null, alter customers set not null, alter share_within_tier set not null;

create table marts.rpt_cluster_profiles as
with assigned as (
    select
        clusters.cluster_id, cluster_name, distinction, customers.is_churned, customers.monthly_bill_amount,
        customers.tenure_months, data_usage, call_duration, plan_level, plan_type, historical_clv, residual_clv_24m
    from intermediate.customers_assigned
    inner join marts.dim_clusters as clusters using (cluster_id)
    inner join marts.dim_customers as customers using (customer_id)
    inner join marts.fct_customer_value using (customer_id)
),
counted as (
    select
        cluster_id, count(*) as assigned_customers, count(*) filter (where is_churned) as churned_customers
    from assigned
    group by cluster_id
)
select
    cluster_id, cluster_name, distinction,
    count(*) as customers,
    (count(*) / sum(count(*)) over ())::numeric(9, 6) as customer_share,
    sum(monthly_bill_amount)::numeric(16, 2) as mrr,
    sum(historical_clv)::numeric(16, 2) as historical_clv,
    sum(residual_clv_24m)::numeric(16, 2) as residual_clv_24m,
    avg(monthly_bill_amount)::numeric(12, 2) as mean_monthly_bill_amount,
    (percentile_cont(0.5) within group (order by monthly_bill_amount))::numeric(12, 2) as median_monthly_bill_amount,
    avg(tenure_months)::numeric(12, 2) as mean_tenure_months,
    (percentile_cont(0.5) within group (order by tenure_months))::numeric(12, 2) as median_tenure_months,
    avg(data_usage)::numeric(12, 2) as mean_data_usage,
    (percentile_cont(0.5) within group (order by data_usage))::numeric(12, 2) as median_data_usage,
    avg(call_duration)::numeric(12, 2) as mean_call_duration,
    (percentile_cont(0.5) within group (order by call_duration))::numeric(12, 2) as median_call_duration,
    (count(*) filter (where plan_level = 'Premium')::numeric / count(*))::numeric(9, 6) as premium_share,
    (count(*) filter (where plan_type = 'Prepaid')::numeric / count(*))::numeric(9, 6) as prepaid_share,
    assigned_customers, churned_customers,
    (churned_customers::numeric / assigned_customers)::numeric(9, 6) as churn_rate
from assigned
inner join counted using (cluster_id)
where not is_churned
group by cluster_id, cluster_name, distinction, assigned_customers, churned_customers;

alter table marts.rpt_cluster_profiles
    add primary key (cluster_id),
    add foreign key (cluster_id) references marts.dim_clusters (cluster_id),
    alter cluster_name set not null, alter distinction set not null, alter customers set not null,
    alter customer_share set not null, alter mrr set not null, alter historical_clv set not null,
    alter residual_clv_24m set not null, alter assigned_customers set not null,
    alter churned_customers set not null, alter churn_rate set not null;
