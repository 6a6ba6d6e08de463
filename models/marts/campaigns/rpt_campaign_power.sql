with

offers as (

    select * from {{ ref('dim_offers') }}

),

offer_candidates as (

    select * from {{ ref('fct_offer_candidates') }}

),

customers_withheld as (

    select * from {{ ref('int_customers_withheld') }}

),

levels as (

    select * from {{ ref('int_campaign_levels') }}

),

plans_counted as (

    select
        offer_candidates.offer_key,
        offer_candidates.plan_key,
        count(*) as candidates,
        count(customers_withheld.customer_id) as withheld_candidates,
        count(*) - count(customers_withheld.customer_id) as available_customers

    from offer_candidates

    left join customers_withheld
        on offer_candidates.customer_id = customers_withheld.customer_id

    group by offer_candidates.offer_key, offer_candidates.plan_key

),

plans_divided as (

    select
        plans_counted.offer_key,
        plans_counted.candidates,
        plans_counted.withheld_candidates,
        plans_counted.available_customers,
        round(levels.campaign_holdout_share * plans_counted.available_customers)
            as control_customers

    from plans_counted

    cross join levels

),

offers_counted as (

    select
        offer_key,
        cast(sum(candidates) as bigint) as candidates,
        cast(sum(withheld_candidates) as bigint) as withheld_candidates,
        cast(sum(available_customers - control_customers) as bigint) as treatment_customers,
        cast(sum(control_customers) as bigint) as control_customers

    from plans_divided

    group by offer_key

),

planned as (

    select
        offers.offer_key,
        levels.campaign_holdout_share,
        levels.campaign_baseline_rate,
        levels.campaign_lift,
        offers.contact_cost,
        levels.z_confidence,
        levels.z_power,
        coalesce(offers_counted.candidates, 0) as candidates,
        coalesce(offers_counted.withheld_candidates, 0) as withheld_candidates,
        coalesce(offers_counted.treatment_customers, 0) as treatment_customers,
        coalesce(offers_counted.control_customers, 0) as control_customers,
        cast({{ sample_size(
            'levels.campaign_baseline_rate', '(levels.campaign_baseline_rate + levels.campaign_lift)',
            'levels.z_confidence', 'levels.z_power'
        ) }} as bigint) as needed_customers_per_arm

    from offers

    left join offers_counted
        on offers.offer_key = offers_counted.offer_key

    cross join levels

),

detectable as (

    {{ detectable_difference(
        'planned', ['offer_key'], 'campaign_baseline_rate', 'treatment_customers',
        'control_customers', 'z_confidence', 'z_power'
    ) }}

),

judged as (

    select
        planned.offer_key,
        planned.candidates,
        planned.withheld_candidates,
        planned.campaign_holdout_share as holdout_share,
        planned.treatment_customers,
        planned.control_customers,
        planned.contact_cost,
        cast(
            planned.contact_cost * planned.treatment_customers as numeric(16, 2)
        ) as treatment_cost,
        planned.campaign_baseline_rate as baseline_rate,
        planned.campaign_lift as expected_lift,
        detectable.detectable_difference,
        planned.needed_customers_per_arm,
        coalesce(
            detectable.detectable_difference <= planned.campaign_lift, false
        ) as is_large_enough

    from planned

    inner join detectable
        on planned.offer_key = detectable.offer_key

)

select * from judged
