{#
  Why a customer changed tier (D-044). Where the earlier weights and cut-offs would not have moved today's customer in that
  direction, the bounds did; else a change of plan, or the term of the score that pushed most.
#}
{% macro migration_reason(move, rank_by_old_rules) -%}
    case
        when {{ move }}.from_rank is null then 'entered'
        when {{ move }}.to_rank is null then 'left'
        when ({{ move }}.from_rank - {{ rank_by_old_rules }}) * {{ move }}.direction <= 0 then 'cut_offs'
        when {{ move }}.is_plan_changed then 'plan'
        when
            {{ move }}.bill_score_change * {{ move }}.direction >= greatest(
                {{ move }}.tenure_score_change * {{ move }}.direction, {{ move }}.usage_score_change * {{ move }}.direction
            )
            then 'bill'
        when
            {{ move }}.tenure_score_change * {{ move }}.direction >= {{ move }}.usage_score_change * {{ move }}.direction
            then 'tenure'
        else 'usage'
    end
{%- endmacro %}
