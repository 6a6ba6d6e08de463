{#
  Two runs of dbt that replace a function at once would disturb each other, so what is there is left alone. A change of
  the functions must therefore give them new names.
#}
{% macro create_ops_functions(ops_schema) -%}
    do $do$
    declare
        guarded text;
    begin
        perform pg_advisory_xact_lock(hashtext('{{ ops_schema }}.refuse_change'));
        if to_regprocedure('{{ ops_schema }}.assignments_fingerprint(text)') is null then
            -- what a campaign's customers hang on, line by line in the order of bytes
            create function {{ ops_schema }}.assignments_fingerprint(name text) returns text
            language sql stable parallel safe
            return (
                select encode(sha256(convert_to(coalesce(string_agg(
                    concat_ws('|', customer_id, plan_key, arm, monthly_bill_amount, assigned_date - date '2000-01-01'),
                    chr(10) order by customer_id collate "C"
                ), ''), 'UTF8')), 'hex')
                from {{ ops_schema }}.campaign_assignments
                where campaign_name = name
            );
        end if;
        if to_regprocedure('{{ ops_schema }}.refuse_change()') is null then
            create function {{ ops_schema }}.refuse_change() returns trigger
            language plpgsql as $body$
            begin
                raise exception '%.% is only added to: % is refused', tg_table_schema, tg_table_name, lower(tg_op)
                using hint = 'leave the campaign as it is and create another one under a new name';
            end
            $body$;
            foreach guarded in array array['campaigns', 'campaign_assignments', 'campaign_outcomes'] loop
                execute format(
                    'create trigger only_added_to before update or delete or truncate on {{ ops_schema }}.%I '
                    'for each statement execute function {{ ops_schema }}.refuse_change()', guarded
                );
            end loop;
        end if;
    end
    $do$;
{%- endmacro %}
