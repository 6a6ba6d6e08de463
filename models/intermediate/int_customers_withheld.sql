{#
  A view on purpose: whoever was drawn into a campaign a minute ago is withheld from the next one without a build.
#}
with

customers as (

    select * from {{ ref('stg_nexasat__customers') }}

),

loads as (

    select * from {{ ref('stg_nexasat__loads') }}

),

do_not_contact as (

    select * from {{ ref('stg_ops__do_not_contact') }}

),

campaign_assignments as (

    select * from {{ ref('stg_ops__campaign_assignments') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

reasons as (

    select
        customer_id,
        1 as reason_rank

    from do_not_contact

    union all

    select
        campaign_assignments.customer_id,
        2 as reason_rank

    from campaign_assignments

    cross join loads

    cross join parameters

    where
        loads.extract_date - campaign_assignments.assigned_date < parameters.contact_period_days

    union all

    select
        customers.customer_id,
        3 as reason_rank

    from customers

    cross join parameters

    where
        not customers.is_churned
        and {{ uniform_of_hash("md5('universal_holdout|' || customers.customer_id)", 1) }}
        < parameters.universal_holdout_share

),

foremost as (

    select
        customer_id,
        min(reason_rank) as reason_rank

    from reasons

    group by customer_id

),

worded as (

    select
        customer_id,
        case reason_rank
            when 1 then 'do_not_contact'
            when 2 then 'recent_campaign'
            else 'universal_holdout'
        end as withheld_reason

    from foremost

)

select * from worded
