{#
  Stops the run at the first staging model when the catalogue of offers contradicts itself, with every fault in words: dbt's
  own tests would say how many rows fail. It reads the seeds, which are there by then.
#}
{% macro check_offer_rules(offers, rules, plans, add_ons, tiers) -%}
    {%- set rule = "'rule ' || rules.rule_number || ' of offer ' || rules.offer_key || ': '" -%}
    {%- set faults -%}
        select 'offer ' || offer_key || ' has no rule, so nobody would get it' as fault
        from {{ offers }} where offer_key not in (select offer_key from {{ rules }})
        union all
        select 'offer ' || offer_key || ': there is no plan ' || target_plan_key
        from {{ offers }} where target_plan_key not in (select plan_key from {{ plans }})
        union all
        select 'offer ' || offer_key || ': there is no add-on ' || add_on_key
        from {{ offers }} where add_on_key not in (select add_on_key from {{ add_ons }})
        union all
        select {{ rule }} || 'there is no such offer'
        from {{ rules }} as rules where offer_key not in (select offer_key from {{ offers }})
        {% for column in ['plan_type', 'plan_level'] -%}
        union all
        select {{ rule }} || 'no plan has the {{ column }} ' || {{ column }}
        from {{ rules }} as rules where {{ column }} not in (select {{ column }} from {{ plans }})
        {% endfor -%}
        {% for column in ['value_tier_rank_from', 'value_tier_rank_to'] -%}
        union all
        select {{ rule }} || 'no tier has the rank ' || {{ column }}
        from {{ rules }} as rules where {{ column }} not in (select value_tier_rank from {{ tiers }})
        {% endfor -%}
        union all
        select
            {{ rule }} || 'nobody is in a tier from rank ' || value_tier_rank_from || ' up to rank ' || value_tier_rank_to
        from {{ rules }} as rules where value_tier_rank_from > value_tier_rank_to
        union all
        select {{ rule }} || 'nobody has a tenure of at most ' || tenure_months_up_to || ' months'
        from {{ rules }} as rules where tenure_months_up_to < 0
        order by fault
    {%- endset -%}
    {%- if execute -%}
        {%- set found = run_query(faults).columns[0].values() -%}
        {%- if found -%}
            {%- do exceptions.raise_compiler_error(
                'the catalogue of offers cannot hold, mend seeds/config/cfg_offers.csv or cfg_offer_rules.csv: ' ~ found | join('; ')
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
