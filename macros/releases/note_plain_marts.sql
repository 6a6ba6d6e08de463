{#
  PL/pgSQL: up to version 0.4 marts were tables in the published schema. They become release 0, which can be gone back to;
  the views that other people made on them are remembered by their text, to be turned to the new ones.
#}
{% macro note_plain_marts(ops_schema) -%}
    {%- set marts = published_schema() -%}
    select jsonb_object_agg(format('%I.%I', nspname, relname), pg_get_viewdef(outside.oid)) into readers
    from pg_class as outside
    inner join pg_namespace on outside.relnamespace = pg_namespace.oid
    where
        outside.relkind = 'v' and outside.oid in (
            select pg_rewrite.ev_class
            from pg_depend
            inner join pg_rewrite on pg_depend.classid = 'pg_rewrite'::regclass and pg_depend.objid = pg_rewrite.oid
            inner join pg_class as plain on pg_depend.refobjid = plain.oid
            where plain.relnamespace = to_regnamespace('{{ marts }}') and plain.relkind = 'r'
        );
    if exists (select from pg_class where relnamespace = to_regnamespace('{{ marts }}') and relkind = 'r') then
        create schema {{ marts }}__g0;
        insert into {{ ops_schema }}.releases
        values (0, '{{ marts }}__g0', null, null, clock_timestamp(), clock_timestamp(), false, null);
        live.release_number := 0;
    end if;
{%- endmacro %}
