{# What a row of `rpt_campaign_lift` says, in words; the first that applies (D-032). #}
{% macro campaign_verdict(row, detectable_difference) -%}
    {%- set points = [] -%}
    {%- for share in [row ~ '.lift_lower', row ~ '.lift_upper', detectable_difference] -%}
        {%- do points.append('cast(cast(100 * ' ~ share ~ ' as numeric(6, 2)) as text)') -%}
    {%- endfor -%}
    case
        when not {{ row }}.is_intact then 'not judged: the assignments are not those that were drawn'
        when {{ row }}.treatment_customers = 0 or {{ row }}.control_customers = 0 then 'not judged: an arm is empty'
        when {{ row }}.assignment_ratio_p_value < {{ row }}.sample_ratio_alarm
            then 'not judged: the arms are not as large as they should be'
        when {{ row }}.treatment_outcomes + {{ row }}.control_outcomes = 0 then 'no outcomes yet'
        when {{ row }}.outcome_ratio_p_value < {{ row }}.sample_ratio_alarm
            then 'not judged: outcomes of one arm are missing more often than of the other'
        when {{ row }}.lift_lower > 0
            then 'it works: ' || {{ points[0] }} || ' to ' || {{ points[1] }} || ' more conversions in 100 customers'
        when {{ row }}.lift_upper < 0
            then 'it harms: ' || {{ points[0] }} || ' to ' || {{ points[1] }} || ' conversions in 100 customers'
        else 'no effect found: ' || {{ points[0] }} || ' to ' || {{ points[1] }} || ' conversions in 100 customers'
            || coalesce('; a campaign of this size shows ' || {{ points[2] }} || ' or more', '')
    end
{%- endmacro %}
