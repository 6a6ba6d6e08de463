{#
  A query for the discounted expected months ahead, from hazards. A customer is there at the end of month t; with
  S(t+h)/S(t) = product of (1 - hazard) over the months t+1..t+h and d = (1 + annual rate)^(1/12) - 1 they are
    discounted_months = sum over h = 1..H of S(t+h)/S(t) / (1 + d)^h      months, at most H.
  Times a monthly amount they are the present value of the next H amounts, each paid at the end of its month by those
  still there (a life annuity in arrears, DECISIONS.md D-016). Beside them stand `survival`, which is S(t+H)/S(t), 0 to 1,
  and `flagged_months`, the part of the sum in months whose flag is true.
  `hazards` has a row per key and month, months from 1 without gap. The query has a row per key, t from 0 and horizon, as
  far as the hazards reach; t has the name of the month's column. A hazard of 1 has no logarithm: such months are counted.
  Closed forms: hazard 1 - r always and H without end give r / (1 + d - r); hazard 0 and rate 0 give H.
#}
{% macro discounted_months(hazards, keys, month, hazard, flag, horizons, horizon, annual_rate) -%}
    {%- set key_list = keys | join(', ') -%}
    {%- set starts_keys = 'starts.' ~ keys | join(', starts.') -%}
    {%- set running = 'over (partition by ' ~ key_list ~ ' order by last_month asc)' -%}
    with
    logarithms as (
        select
            {{ key_list }}, {{ month }} as last_month, {{ flag }} as is_flagged,
            case when {{ hazard }} < 1 then ln(1 - {{ to_double(hazard) }}) else 0 end as logarithm,
            case when {{ hazard }} < 1 then 0 else 1 end as ending
        from {{ hazards }}
    ),
    running_sums as (
        select *, sum(logarithm) {{ running }} as logarithms, sum(ending) {{ running }} as endings from logarithms
    ),
    furthest as (
        select max({{ horizon }}) as horizon from {{ horizons }}
    ),
    steps as (
        select {{ number_series('1', 'horizon') }} as step from furthest
    ),
    ahead as (
        select
            {{ starts_keys }}, starts.last_month, steps.step, ends.is_flagged,
            case  {# exp() beyond about -745 and 709 is an error, and is also taken of pairs that the join drops #}
                when ends.endings > starts.endings - starts.ending then 0
                else exp(least(greatest(ends.logarithms - starts.logarithms + starts.logarithm, -690), 0))
            end as survival
        from running_sums as starts
        cross join steps
        inner join running_sums as ends
            on starts.last_month + steps.step - 1 = ends.last_month
            {% for key in keys %}and starts.{{ key }} = ends.{{ key }} {% endfor %}
    )
    select
        {{ starts_keys }}, starts.last_month - 1 as {{ month }}, horizons.{{ horizon }},
        {% for column, condition in [('discounted_months', 'true'), ('flagged_months', 'ahead.is_flagged')] %}
            coalesce(sum(ahead.survival * power(1 + {{ to_double(annual_rate) }}, -ahead.step / {{ to_double(12) }}))
                filter (where {{ condition }}), 0) as {{ column }},
        {% endfor %}
        coalesce(min(ahead.survival), 1) as survival
    from running_sums as starts
    cross join {{ horizons }} as horizons
    left join ahead
        on starts.last_month = ahead.last_month and horizons.{{ horizon }} >= ahead.step
        {% for key in keys %}and starts.{{ key }} = ahead.{{ key }} {% endfor %}
    group by {{ starts_keys }}, starts.last_month, horizons.{{ horizon }}
    having count(ahead.step) = horizons.{{ horizon }}
{%- endmacro %}
