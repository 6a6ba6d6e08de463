with

customer_history as (

    select * from {{ ref('fct_customer_history') }}

),

value_tier_history as (

    select * from {{ ref('fct_value_tier_history') }}

),

extracts as (

    select
        extract_date as later_date,
        lag(extract_date) over (order by extract_date) as earlier_date

    from value_tier_history

    group by extract_date

),

flagged as (

    select
        *,
        case when plan_level = 'Premium' then 1 else 0 end as premium_flag

    from customer_history

    where not is_churned

),

earlier as (

    select
        flagged.*,
        extracts.later_date

    from flagged

    inner join extracts
        on flagged.extract_date = extracts.earlier_date

),

later as (

    select
        flagged.*,
        extracts.later_date

    from flagged

    inner join extracts
        on
            flagged.extract_date = extracts.later_date
            and extracts.earlier_date is not null

),

moved as (

    select
        coalesce(later.later_date, earlier.later_date) as extract_date,
        coalesce(later.customer_id, earlier.customer_id) as customer_id,
        earlier.value_tier as from_value_tier,
        later.value_tier as to_value_tier,
        earlier.value_tier_rank as from_rank,
        later.value_tier_rank as to_rank,
        earlier.clv_score as clv_score_before,
        later.clv_score as clv_score_after,
        {{ clv_score('value_tier_history', 'later') }} as clv_score_by_old_rules,
        case when later.value_tier_rank < earlier.value_tier_rank then 1 else -1 end as direction,
        later.plan_key != earlier.plan_key as is_plan_changed,
        value_tier_history.bill_weight
        * (later.monthly_bill_amount - earlier.monthly_bill_amount) as bill_score_change,
        value_tier_history.tenure_weight
        * (later.tenure_months - earlier.tenure_months) as tenure_score_change,
        value_tier_history.call_weight * (later.call_duration - earlier.call_duration)
        + value_tier_history.data_weight
        * (later.data_usage - earlier.data_usage) as usage_score_change,
        value_tier_history.premium_weight
        * (later.premium_flag - earlier.premium_flag) as plan_score_change,
        coalesce(later.monthly_bill_amount, earlier.monthly_bill_amount) as moved_bill_amount,
        coalesce(later.historical_clv, earlier.historical_clv) as moved_historical_clv,
        coalesce(later.residual_clv_24m, earlier.residual_clv_24m) as moved_residual_clv_24m,
        extracts.earlier_date

    from earlier

    full outer join later
        on
            earlier.later_date = later.later_date
            and earlier.customer_id = later.customer_id

    inner join extracts
        on coalesce(later.later_date, earlier.later_date) = extracts.later_date

    left join value_tier_history
        on
            earlier.extract_date = value_tier_history.extract_date
            and earlier.value_tier_rank = value_tier_history.value_tier_rank

    where earlier.value_tier_rank is distinct from later.value_tier_rank

),

explained as (

    select
        moved.extract_date,
        moved.customer_id,
        moved.earlier_date as previous_extract_date,
        moved.from_value_tier,
        moved.to_value_tier,
        value_tier_history.value_tier as value_tier_by_old_rules,
        moved.from_rank - moved.to_rank as tiers_gained,
        {{ migration_reason('moved', 'value_tier_history.value_tier_rank') }} as migration_reason,
        moved.clv_score_before,
        moved.clv_score_after,
        moved.clv_score_by_old_rules,
        moved.plan_score_change,
        moved.bill_score_change,
        moved.tenure_score_change,
        moved.usage_score_change,
        moved.moved_bill_amount,
        moved.moved_historical_clv,
        moved.moved_residual_clv_24m

    from moved

    left join value_tier_history
        on
            moved.earlier_date = value_tier_history.extract_date
            and moved.clv_score_by_old_rules is not null
            and {{ is_within_tier('moved.clv_score_by_old_rules', 'value_tier_history') }}

)

select * from explained
