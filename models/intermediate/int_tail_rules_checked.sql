{# Words follow from the figures: another extract may rank the rules otherwise (D-017). #}
with

foretold as (

    select * from {{ ref('int_tail_rules_foretold') }}

),

missed as (

    select
        tail_rule,
        customers,
        abs(foretold_survival - survival) as error

    from foretold

),

averaged as (

    {% for check_name, error in [
        ('tail_backtest_error', 'sum(customers * error) / sum(customers)'),
        ('tail_backtest_error_of_strata', 'avg(error)'),
    ] %}

        select
            '{{ check_name }}' as check_name,
            tail_rule as subject,
            {{ error }} as check_value

        from missed

        group by tail_rule
        {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

checked as (

    select
        check_name,
        subject,
        check_value,
        case
            when check_value = min(check_value) over (partition by check_name)
                then 'foretells hidden months best of the rules'
            when check_value = max(check_value) over (partition by check_name)
                then 'foretells hidden months worst of the rules'
            else 'foretells hidden months neither best nor worst of the rules'
        end as meaning

    from averaged

)

select * from checked
