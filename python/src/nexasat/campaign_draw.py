"""The SQL that draws a campaign: who can be in it, in which arm, and what is kept of it."""

MAKE_CANDIDATES = """
    create temporary table candidates (
        customer_id text, plan_key text, monthly_bill_amount numeric(12, 2), withheld_reason text,
        priority bigint
    ) on commit drop
"""
# The customers of an offer, in the order in which a campaign with a limit takes them.
FIND_CANDIDATES = """
    insert into candidates
    select
        listed.customer_id, listed.plan_key, listed.monthly_bill_amount, withheld.withheld_reason,
        row_number() over (order by listed.expected_value desc, listed.customer_id collate "C")
    from marts.fct_offer_candidates as listed
    left join intermediate.int_customers_withheld as withheld using (customer_id)
    where listed.offer_key = %(offer_key)s
"""
# A customer adds a contact when he is not the one who brings the next control of his plan.
DRAW = """
    insert into ops.campaign_assignments (
        campaign_name, customer_id, plan_key, arm, monthly_bill_amount, assigned_date
    )
    with placed as (
        select *, row_number() over (partition by plan_key order by priority) as place
        from candidates
        where withheld_reason is null
    ),
    summed as (
        select *, sum(
            1 - round(%(holdout_share)s * place) + round(%(holdout_share)s * (place - 1))
        ) over (order by priority) as contacts
        from placed
    ),
    drawn as (
        select
            *,
            row_number() over (
                partition by plan_key
                order by
                    md5(concat_ws('|', %(salt)s::text, %(name)s::text, customer_id)),
                    customer_id collate "C"
            ) as draw,
            round(%(holdout_share)s * count(*) over (partition by plan_key)) as controls
        from summed
        where contacts <= coalesce(%(contacts)s, contacts)
    )
    select
        %(name)s, customer_id, plan_key,
        case when draw <= controls then 'control' else 'treatment' end,
        monthly_bill_amount, %(extract_date)s
    from drawn
"""
STORE = """
    insert into ops.campaigns (
        campaign_name, offer_key, offer_text, holdout_share, salt, capacity, budget, extract_date,
        assignment_fingerprint
    )
    values (
        %(name)s, %(offer_key)s, %(offer_text)s, %(holdout_share)s, %(salt)s, %(capacity)s,
        %(budget)s, %(extract_date)s, ops.assignments_fingerprint(%(name)s)
    )
"""
