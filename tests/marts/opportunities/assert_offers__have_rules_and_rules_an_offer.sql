{# An offer without a rule lists nobody and a rule without an offer is read by nobody: no error. #}
with

offers as (

    select * from {{ ref('stg_config__offers') }}

),

offer_rules as (

    select * from {{ ref('stg_config__offer_rules') }}

),

unmatched as (

    select
        offers.offer_key,
        offer_rules.offer_key as offer_key_of_rule

    from offers

    full outer join offer_rules
        on offers.offer_key = offer_rules.offer_key

    where
        offers.offer_key is null
        or offer_rules.offer_key is null

)

select * from unmatched
