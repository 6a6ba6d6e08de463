-- The lists: a rule is a row of the seed, and the rules of one offer are alternatives.
create table marts.dim_offers as
select
    offer_key, offer_name, offer_kind, offer_rank, is_published_list, target_plan_key, add_on_key, discount_rate,
    discount_months, contact_cost, acceptance_rate, avoided_churn_share,
    coalesce(value_basis, case price_source when 'inferred' then 'inferred_tariff' else 'price_card' end) as value_basis,
    assumption, offer_text
from config.cfg_offers
left join marts.dim_plans on target_plan_key = plan_key;

alter table marts.dim_offers
    add primary key (offer_key),
    add foreign key (target_plan_key) references marts.dim_plans (plan_key),
    alter offer_name set not null, alter offer_kind set not null, alter offer_rank set not null,
    alter is_published_list set not null, alter discount_rate set not null, alter discount_months set not null,
    alter contact_cost set not null, alter acceptance_rate set not null, alter avoided_churn_share set not null,
    alter value_basis set not null, alter assumption set not null, alter offer_text set not null;

create table marts.dim_offer_rules as
select
    offer_key, rule_number,
    coalesce(nullif(concat_ws(
        ', ', plan_level, plan_type,
        'tier ' || tiers.first_tier || coalesce(' to ' || nullif(tiers.last_tier, tiers.first_tier), ''),
        case is_senior_citizen when true then 'senior citizen' when false then 'no senior citizen' end,
        case has_partner when true then 'with a partner' when false then 'without a partner' end,
        case has_dependents when true then 'with dependents' when false then 'without dependents' end,
        case has_multiple_lines when true then 'with an extra line' when false then 'with one line' end,
        case has_tech_support when true then 'with tech support' when false then 'without tech support' end,
        case is_at_risk when true then 'at risk of churn' when false then 'not at risk of churn' end,
        'billed over ' || monthly_bill_amount_above || ' a month',
        'at most ' || tenure_months_up_to || ' months of tenure'
    ), ''), 'everybody') as rule_words
from config.cfg_offer_rules
left join lateral (
    select
        (array_agg(value_tier order by value_tier_rank))[1] as first_tier,
        (array_agg(value_tier order by value_tier_rank desc))[1] as last_tier
    from marts.dim_segments
    where
        coalesce(value_tier_rank_from, value_tier_rank_to) is not null
        and value_tier_rank >= coalesce(value_tier_rank_from, 1)
        and (value_tier_rank_to is null or value_tier_rank <= value_tier_rank_to)
) as tiers on true;

alter table marts.dim_offer_rules
    add primary key (offer_key, rule_number),
    add foreign key (offer_key) references marts.dim_offers (offer_key),
    alter rule_words set not null;

create table marts.fct_offer_candidates as
with listed as (
    select customers.customer_id, rules.offer_key, min(rules.rule_number) as rule_number
    from marts.fct_customer_segments as segments
    inner join marts.dim_customers as customers using (customer_id)
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
            and (rules.is_at_risk is null or segments.is_at_risk = rules.is_at_risk)
    group by customers.customer_id, rules.offer_key
),
billed as (
    select
        listed.customer_id, offers.offer_key, offer_kind, customers.plan_key, target_plan_key, segments.value_tier,
        rule_words, customers.monthly_bill_amount,
        (case
            when target.plan_key is not null then
                case target.bill_decimals
                    when 0 then round(
                        target.base_price + target.minute_rate * call_duration + target.gigabyte_rate * data_usage, 0
                    )
                    else round(
                        target.base_price + target.minute_rate * call_duration + target.gigabyte_rate * data_usage, 2
                    )
                end
                + case when customers.has_tech_support then target.tech_support_price else 0 end
                + case when customers.has_multiple_lines then target.extra_line_price else 0 end
            when add_on_key = 'tech_support' then customers.monthly_bill_amount + own.tech_support_price
            when add_on_key = 'extra_line' then customers.monthly_bill_amount + own.extra_line_price
            else customers.monthly_bill_amount
        end)::numeric(12, 2) as monthly_bill_after,
        customers.tenure_months, historical_clv, valued.churn_probability_12m, expected_months_3m, expected_months_24m,
        expected_loss_12m::numeric(14, 2) as expected_loss_12m, contact_cost, acceptance_rate, avoided_churn_share,
        discount_rate, value_basis, snapshot_date
    from listed
    inner join marts.fct_customer_segments as segments using (customer_id)
    inner join marts.dim_customers as customers using (customer_id)
    inner join marts.fct_customer_value as valued using (customer_id)
    inner join marts.dim_offers as offers on listed.offer_key = offers.offer_key
    inner join marts.dim_offer_rules as rules
        on listed.offer_key = rules.offer_key and listed.rule_number = rules.rule_number
    inner join marts.dim_plans as own on customers.plan_key = own.plan_key
    left join marts.dim_plans as target on target_plan_key = target.plan_key
),
valued as (
    select
        *, monthly_bill_after - monthly_bill_amount as monthly_delta,
        ((monthly_bill_after - monthly_bill_amount) * expected_months_24m)::numeric(24, 12) as value_if_accepted,
        round(discount_rate * monthly_bill_after * expected_months_3m, 2)::numeric(14, 2) as discount_cost
    from billed
)
select
    customer_id, offer_key, offer_kind, plan_key, target_plan_key, value_tier, rule_words, monthly_bill_amount,
    monthly_bill_after, monthly_delta::numeric(12, 2), monthly_delta < 0 as is_bill_lowered,
    monthly_delta < 0 and offer_kind != 'retention' as is_barred, tenure_months, historical_clv, churn_probability_12m, expected_months_24m, value_if_accepted, discount_cost, expected_loss_12m,
    contact_cost, acceptance_rate,
    (case
        when contact_cost > 0 and contact_cost <= value_if_accepted - discount_cost
            then contact_cost / (value_if_accepted - discount_cost)
    end)::numeric(9, 6) as break_even_acceptance,
    (case
        when discount_cost > 0 and discount_cost <= expected_loss_12m then discount_cost / expected_loss_12m
    end)::numeric(9, 6) as break_even_avoided_churn,
    (
        acceptance_rate * (value_if_accepted + avoided_churn_share * expected_loss_12m - discount_cost) - contact_cost
    )::numeric(14, 2) as expected_value,
    value_basis, snapshot_date
from valued;

alter table marts.fct_offer_candidates
    add primary key (customer_id, offer_key),
    add foreign key (customer_id) references marts.dim_customers (customer_id),
    add foreign key (offer_key) references marts.dim_offers (offer_key),
    add foreign key (plan_key) references marts.dim_plans (plan_key),
    add foreign key (value_tier) references marts.dim_segments (value_tier),
    alter offer_kind set not null, alter plan_key set not null, alter value_tier set not null,
    alter rule_words set not null, alter monthly_bill_amount set not null, alter monthly_bill_after set not null,
    alter monthly_delta set not null, alter is_bill_lowered set not null, alter is_barred set not null,
    alter tenure_months set not null,
    alter historical_clv set not null, alter churn_probability_12m set not null,
    alter expected_months_24m set not null, alter value_if_accepted set not null, alter discount_cost set not null,
    alter expected_loss_12m set not null, alter contact_cost set not null, alter acceptance_rate set not null,
    alter expected_value set not null, alter value_basis set not null, alter snapshot_date set not null;

analyze marts.fct_offer_candidates;

-- No campaign was run and nobody asked not to be called: withheld is the universal holdout.
create table marts.fct_next_best_offers as
with ranked as (
    select
        candidates.*,
        row_number() over (
            partition by customer_id
            order by
                is_barred or expected_value <= 0,
                expected_value desc, offer_rank
        ) as candidate_rank,
        count(*) over (partition by customer_id) as offers_considered,
        count(*) filter (where is_barred) over (partition by customer_id) as offers_barred
    from marts.fct_offer_candidates as candidates
    inner join marts.dim_offers using (offer_key)
),
chosen as (
    select
        segments.customer_id, segments.plan_key, segments.value_tier, segments.churn_probability_12m,
        coalesce(offers_considered, 0) as offers_considered,
        case
            when ('x' || substr(md5('universal_holdout|' || segments.customer_id), 1, 6))::bit(24)::integer
                / 16777216.0 < (
                    select parameter_value::numeric from config.cfg_parameters
                    where parameter = 'universal_holdout_share'
                )
                then 'universal_holdout'
            when ranked.customer_id is null then 'no_offer_applies'
            when offers_considered = offers_barred then 'bill_would_fall'
            when is_barred or expected_value <= 0 then 'contact_not_paid'
        end as no_offer_reason,
        offer_key, offer_kind, monthly_delta, value_if_accepted, discount_cost, contact_cost, acceptance_rate,
        break_even_acceptance, expected_value, value_basis
    from marts.fct_customer_segments as segments
    left join ranked on segments.customer_id = ranked.customer_id and candidate_rank = 1
),
best as (
    select *, row_number() over (order by expected_value desc, customer_id) as contact_rank
    from chosen
    where no_offer_reason is null
)
select
    chosen.customer_id, chosen.plan_key, chosen.value_tier, chosen.churn_probability_12m, chosen.offers_considered,
    chosen.no_offer_reason, best.offer_key, best.offer_kind, best.monthly_delta, best.value_if_accepted, best.discount_cost,
    best.contact_cost, best.acceptance_rate, best.break_even_acceptance, best.expected_value, best.value_basis, contact_rank
from chosen
left join best on chosen.customer_id = best.customer_id;

alter table marts.fct_next_best_offers
    add primary key (customer_id),
    add foreign key (customer_id) references marts.dim_customers (customer_id),
    add foreign key (offer_key) references marts.dim_offers (offer_key),
    alter plan_key set not null, alter value_tier set not null, alter churn_probability_12m set not null,
    alter offers_considered set not null;

create table marts.rpt_offer_summary as
with counted as (
    select *, count(*) over (partition by customer_id) as lists_of_customer
    from marts.fct_offer_candidates
),
summed as (
    select
        offer_key,
        count(*) as customers,
        count(*) filter (where lists_of_customer > 1) as customers_on_other_lists,
        sum(monthly_bill_amount) as mrr_now,
        sum(monthly_bill_after) as mrr_after,
        count(*) filter (where is_bill_lowered) as lowered_customers,
        sum(value_if_accepted) as value_if_accepted,
        sum(discount_cost) as discount_cost,
        sum(contact_cost) as contact_cost,
        sum(expected_loss_12m) as expected_loss_12m,
        sum(expected_value) as expected_value,
        sum(historical_clv) as historical_clv
    from counted
    group by offer_key
),
best as (
    select offer_key, count(*) as next_best_customers, sum(expected_value) as next_best_expected_value
    from marts.fct_next_best_offers
    group by offer_key
)
select
    offers.offer_key, offer_name, offer_kind, offer_rank, is_published_list,
    coalesce(customers, 0) as customers,
    coalesce(customers_on_other_lists, 0) as customers_on_other_lists,
    coalesce(mrr_now, 0)::numeric(16, 2) as mrr_now,
    coalesce(mrr_after, 0)::numeric(16, 2) as mrr_after,
    coalesce(mrr_after - mrr_now, 0)::numeric(16, 2) as mrr_delta,
    coalesce(lowered_customers, 0) as lowered_customers,
    (lowered_customers / nullif(customers, 0)::double precision)::numeric(9, 6) as lowered_share,
    coalesce(value_if_accepted, 0)::numeric(16, 2) as value_if_accepted,
    coalesce(discount_cost, 0)::numeric(16, 2) as discount_cost,
    coalesce(summed.contact_cost, 0)::numeric(16, 2) as contact_cost,
    (case
        when summed.contact_cost > 0 and summed.contact_cost <= value_if_accepted - discount_cost
            then summed.contact_cost / (value_if_accepted - discount_cost)
    end)::numeric(9, 6) as break_even_acceptance,
    (case
        when discount_cost > 0 and discount_cost <= expected_loss_12m then discount_cost / expected_loss_12m
    end)::numeric(9, 6) as break_even_avoided_churn,
    coalesce(expected_value, 0)::numeric(16, 2) as expected_value,
    coalesce(next_best_customers, 0) as next_best_customers,
    coalesce(next_best_expected_value, 0)::numeric(16, 2) as next_best_expected_value,
    coalesce(historical_clv, 0)::numeric(16, 2) as historical_clv
from marts.dim_offers as offers
left join summed on offers.offer_key = summed.offer_key
left join best on offers.offer_key = best.offer_key;

alter table marts.rpt_offer_summary
    add primary key (offer_key),
    add foreign key (offer_key) references marts.dim_offers (offer_key),
    alter offer_name set not null, alter offer_kind set not null, alter offer_rank set not null,
    alter is_published_list set not null, alter customers set not null, alter customers_on_other_lists set not null,
    alter mrr_now set not null, alter mrr_after set not null, alter mrr_delta set not null,
    alter lowered_customers set not null, alter value_if_accepted set not null, alter discount_cost set not null,
    alter contact_cost set not null, alter expected_value set not null, alter next_best_customers set not null,
    alter next_best_expected_value set not null, alter historical_clv set not null;

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
