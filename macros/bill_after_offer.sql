{#
  Monthly bill once an offer is accepted and its discount over (D-022): another plan is billed by its card, an add-on
  costs its price in the plan of today, anything else leaves the bill. Arguments are names of relations.
#}
{% macro bill_after_offer(offer, customer, plan, target_plan) -%}
    case
        when {{ offer }}.target_plan_key is not null then {{ card_bill(target_plan, customer) }}
        when {{ offer }}.add_on_key = 'tech_support'
            then {{ customer }}.monthly_bill_amount + {{ plan }}.tech_support_price
        when {{ offer }}.add_on_key = 'extra_line'
            then {{ customer }}.monthly_bill_amount + {{ plan }}.extra_line_price
        else {{ customer }}.monthly_bill_amount
    end
{%- endmacro %}
