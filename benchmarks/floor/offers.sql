-- The lists: a rule is a row of the seed, and the rules of one offer are alternatives.
create table marts.dim_offers as
select offer_key, offer_name, offer_kind, offer_rank, offer_text
from config.cfg_offers;

alter table marts.dim_offers
    add primary key (offer_key),
    alter offer_name set not null, alter offer_kind set not null, alter offer_rank set not null,
    alter offer_text set not null;

create table marts.fct_offer_candidates as
select distinct
    customer_id, offer_key, offer_kind, customers.plan_key, value_tier, customers.monthly_bill_amount,
    customers.tenure_months, historical_clv, segments.churn_probability_12m
from marts.fct_customer_segments as segments
inner join marts.dim_customers as customers using (customer_id)
inner join marts.fct_customer_value using (customer_id)
inner join config.cfg_offer_rules as rules
    on
        (rules.plan_type is null or customers.plan_type = rules.plan_type)
        and (rules.plan_level is null or customers.plan_level = rules.plan_level)
        and (value_tier_rank_from is null or value_tier_rank >= value_tier_rank_from)
        and (value_tier_rank_to is null or value_tier_rank <= value_tier_rank_to)
        and (rules.is_senior_citizen is null or customers.is_senior_citizen = rules.is_senior_citizen)
        and (rules.has_partner is null or customers.has_partner = rules.has_partner)
        and (rules.has_dependents is null or customers.has_dependents = rules.has_dependents)
        and (rules.has_multiple_lines is null or customers.has_multiple_lines = rules.has_multiple_lines)
        and (rules.has_tech_support is null or customers.has_tech_support = rules.has_tech_support)
        and (monthly_bill_amount_above is null or customers.monthly_bill_amount > monthly_bill_amount_above)
        and (tenure_months_up_to is null or customers.tenure_months <= tenure_months_up_to)
inner join marts.dim_offers using (offer_key);

alter table marts.fct_offer_candidates
    add primary key (customer_id, offer_key),
    add foreign key (customer_id) references marts.dim_customers (customer_id),
    add foreign key (offer_key) references marts.dim_offers (offer_key),
    add foreign key (plan_key) references marts.dim_plans (plan_key),
    add foreign key (value_tier) references marts.dim_segments (value_tier),
    alter offer_kind set not null, alter plan_key set not null, alter value_tier set not null,
    alter monthly_bill_amount set not null, alter tenure_months set not null, alter historical_clv set not null,
    alter churn_probability_12m set not null;

analyze marts.fct_offer_candidates;

create table marts.rpt_offer_summary as
with counted as (
    select
        offer_key, monthly_bill_amount, historical_clv,
        count(*) over (partition by customer_id) as lists_of_customer
    from marts.fct_offer_candidates
),
summed as (
    select
        offer_key,
        count(*) as customers,
        count(*) filter (where lists_of_customer > 1) as customers_on_other_lists,
        sum(monthly_bill_amount) as mrr_now,
        sum(historical_clv) as historical_clv
    from counted
    group by offer_key
)
select
    offer_key, offer_name, offer_kind, offer_rank,
    coalesce(customers, 0) as customers,
    coalesce(customers_on_other_lists, 0) as customers_on_other_lists,
    coalesce(mrr_now, 0)::numeric(16, 2) as mrr_now,
    coalesce(historical_clv, 0)::numeric(16, 2) as historical_clv
from marts.dim_offers
left join summed using (offer_key);

alter table marts.rpt_offer_summary
    add primary key (offer_key),
    add foreign key (offer_key) references marts.dim_offers (offer_key),
    alter offer_name set not null, alter offer_kind set not null, alter offer_rank set not null,
    alter customers set not null, alter customers_on_other_lists set not null, alter mrr_now set not null,
    alter historical_clv set not null;

create table marts.rpt_offer_overlaps as
select
    candidates.offer_key,
    others.offer_key as other_offer_key,
    count(*) as customers
from marts.fct_offer_candidates as candidates
inner join marts.fct_offer_candidates as others
    on candidates.customer_id = others.customer_id and candidates.offer_key != others.offer_key
group by candidates.offer_key, others.offer_key;

alter table marts.rpt_offer_overlaps
    add primary key (offer_key, other_offer_key),
    add foreign key (offer_key) references marts.dim_offers (offer_key),
    add foreign key (other_offer_key) references marts.dim_offers (offer_key),
    alter customers set not null;
