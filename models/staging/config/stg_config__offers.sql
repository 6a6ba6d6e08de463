with

cfg_offers as (

    select * from {{ ref('cfg_offers') }}

),

typed as (

    select
        offer_key,
        offer_name,
        offer_kind,
        cast(offer_rank as integer) as offer_rank,
        is_published_list,
        target_plan_key,
        add_on_key,
        cast(discount_rate as numeric(5, 4)) as discount_rate,
        cast(discount_months as integer) as discount_months,
        cast(contact_cost as numeric(12, 2)) as contact_cost,
        cast(acceptance_rate as numeric(5, 4)) as acceptance_rate,
        cast(avoided_churn_share as numeric(5, 4)) as avoided_churn_share,
        value_basis,
        assumption,
        offer_text

    from cfg_offers

)

select * from typed
