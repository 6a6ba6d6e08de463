{#
  Functions for analysts, as the studies had them. PL/pgSQL binds names when a function runs, so the marts may be built
  anew below them; `stable` lets them read only, and an unknown name is an error where a view would show nothing.
#}
{% macro create_mart_functions() -%}
    {%- set marts = published_schema() -%}
    {%- set unknown -%}
        raise exception 'there is no % %', '{0}', wanted using hint = 'known: ' || (
            select string_agg({0}, ', ' order by {1}) from {{ marts }}.{2}
        );
    {%- endset -%}
    create schema if not exists {{ marts }};
    create or replace function {{ marts }}.offer_list(wanted text) returns table (
        customer_id text, plan_key text, value_tier text, monthly_bill_amount numeric, monthly_bill_after numeric,
        value_if_accepted numeric, expected_value numeric, churn_probability_12m numeric, rule_words text
    ) as $function$
    begin
        if not exists (select from {{ marts }}.dim_offers as known where known.offer_key = wanted) then
            {{ unknown.format('offer_key', 'offer_rank', 'dim_offers') }}
        end if;
        return query
        select
            listed.customer_id, listed.plan_key, listed.value_tier, listed.monthly_bill_amount,
            listed.monthly_bill_after, round(listed.value_if_accepted, 2), listed.expected_value,
            round(listed.churn_probability_12m, 6), listed.rule_words
        from {{ marts }}.fct_offer_candidates as listed
        where listed.offer_key = wanted
        order by listed.expected_value desc, listed.customer_id asc;
    end
    $function$ language plpgsql stable;
    comment on function {{ marts }}.offer_list(text) is
    'The customers of a list, best first: select * from marts.offer_list(''tech_support_seniors'')';
    create or replace function {{ marts }}.tier_list(wanted text) returns table (
        customer_id text, plan_key text, monthly_bill_amount numeric, tenure_months integer, historical_clv numeric,
        residual_clv_24m numeric, churn_probability_12m numeric, cluster_name text, next_best_offer text
    ) as $function$
    begin
        if not exists (select from {{ marts }}.dim_segments as known where known.value_tier = wanted) then
            {{ unknown.format('value_tier', 'value_tier_rank', 'dim_segments') }}
        end if;
        return query
        select
            listed.customer_id, listed.plan_key, valued.monthly_bill_amount, valued.tenure_months,
            valued.historical_clv, round(valued.residual_clv_24m, 2), round(valued.churn_probability_12m, 6),
            listed.cluster_name, best.offer_key
        from {{ marts }}.fct_customer_segments as listed
        inner join {{ marts }}.fct_customer_value as valued on listed.customer_id = valued.customer_id
        inner join {{ marts }}.fct_next_best_offers as best on listed.customer_id = best.customer_id
        where listed.value_tier = wanted
        order by valued.residual_clv_24m desc, listed.customer_id asc;
    end
    $function$ language plpgsql stable;
    comment on function {{ marts }}.tier_list(text) is
    'The active customers of a tier, most value to come first: select * from marts.tier_list(''High Value'')';
{%- endmacro %}
