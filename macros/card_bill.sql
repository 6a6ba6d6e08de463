{#
  Monthly bill after the price card, in currency units (D-021): base, minutes and GB, rounded as the plan rounds, and
  add-ons where the plan does not include them (their price in dim_plans is 0 where it does). Both arguments are names of
  relations. round() takes its decimals from a literal, since Spark's takes no column.
#}
{% macro card_bill(plan, customer) -%}
    {%- set usage -%}
        {{ plan }}.base_price
        + {{ plan }}.minute_rate * {{ customer }}.call_duration
        + {{ plan }}.gigabyte_rate * {{ customer }}.data_usage
    {%- endset -%}
    case {{ plan }}.bill_decimals when 0 then round({{ usage }}, 0) else round({{ usage }}, 2) end
    + case when {{ customer }}.has_tech_support then {{ plan }}.tech_support_price else 0 end
    + case when {{ customer }}.has_multiple_lines then {{ plan }}.extra_line_price else 0 end
{%- endmacro %}
