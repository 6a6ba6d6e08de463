{# PL/pgSQL: gives the published views the comments of the tables under them; only those that differ, mostly none. #}
{% macro copy_comments(schema_name) -%}
    declare
        statement text;
    begin
        for statement in
            select format(
                'comment on %s %s is %L', case when described.objsubid = 0 then 'view' else 'column' end,
                concat_ws('.', shown.oid::regclass, quote_ident(columns_shown.attname)), described.description
            )
            from pg_description as described
            inner join pg_class as made
                on
                    described.classoid = 'pg_class'::regclass and described.objoid = made.oid
                    and made.relnamespace = to_regnamespace({{ schema_name }})
            inner join pg_class as shown
                on
                    made.relname = shown.relname and shown.relkind = 'v'
                    and shown.relnamespace = to_regnamespace('{{ published_schema() }}')
            left join pg_attribute as columns_made
                on made.oid = columns_made.attrelid and described.objsubid = columns_made.attnum and described.objsubid > 0
            left join pg_attribute as columns_shown
                on shown.oid = columns_shown.attrelid and columns_made.attname = columns_shown.attname
            where
                described.description is distinct from case
                    when described.objsubid = 0 then obj_description(shown.oid, 'pg_class')
                    else col_description(shown.oid, columns_shown.attnum)
                end
        loop
            execute statement;
        end loop;
    end;
{%- endmacro %}
