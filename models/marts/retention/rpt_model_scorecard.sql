{# One list of checks; their words follow from the figures (D-017). #}
with

stratifications_checked as (

    select * from {{ ref('int_stratifications_checked') }}

),

tiers_checked as (

    select * from {{ ref('int_tiers_checked') }}

),

tail_rules_checked as (

    select * from {{ ref('int_tail_rules_checked') }}

),

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

ranked as (

    select
        rank() over (order by residual_clv_24m asc)
        + (count(*) over (partition by residual_clv_24m) - 1) / {{ to_double(2) }} as residual_rank,
        rank() over (order by historical_clv asc)
        + (count(*) over (partition by historical_clv) - 1) / {{ to_double(2) }} as historical_rank,
        rank() over (order by clv_score asc)
        + (count(*) over (partition by clv_score) - 1) / {{ to_double(2) }} as score_rank

    from customer_value

    where not is_churned

),

agreements as (

    select
        corr(residual_rank, historical_rank) as historical,
        corr(residual_rank, score_rank) as score

    from ranked

),

checked as (

    {% for checks in ['stratifications_checked', 'tiers_checked', 'tail_rules_checked'] %}

        select
            check_name,
            subject,
            check_value,
            meaning

        from {{ checks }}

        union all
    {% endfor %}
    {% for subject, column in [('historical_clv', 'historical'), ('clv_score', 'score')] %}

        select
            'rank_agreement_of_residual_clv' as check_name,
            '{{ subject }}' as subject,
            {{ column }} as check_value,
            case
                when {{ column }} <= 0 then 'ranks customers the other way round or by chance'
                when {{ column }} * {{ column }} < 1 - {{ column }} * {{ column }}
                    then 'ranks customers otherwise more than alike'
                when {{ column }} > 0 then 'ranks customers alike more than otherwise'
                else 'there are too few customers to rank'
            end as meaning

        from agreements
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

rounded as (

    select
        check_name,
        subject,
        cast(check_value as numeric(20, 6)) as check_value,
        meaning

    from checked

)

select * from rounded
