{#
  PL/pgSQL: turns the view of one mart to its table in a schema. Columns that are there keep their place and new ones come
  last, which is all that `create or replace view` asks; a view that is in `broken` is made anew.
#}
{% macro point_view(schema_name) -%}
    {%- set marts = published_schema() -%}
    if exists (select from pg_class where oid = to_regclass(format('{{ marts }}.%I', mart)) and relkind = 'r') then
        execute format('alter table {{ marts }}.%I set schema {{ marts }}__g0', mart);
    end if;
    if mart = any(broken) then
        execute format('drop view {{ marts }}.%I', mart);
    end if;
    select string_agg(quote_ident(made.attname), ', ' order by seen.attnum nulls last, made.attnum) into listed
    from pg_attribute as made
    left join pg_attribute as seen
        on seen.attrelid = to_regclass(format('{{ marts }}.%I', mart)) and made.attname = seen.attname
    where
        made.attrelid = to_regclass(format('%I.%I', {{ schema_name }}, mart)) and made.attnum > 0
        and not made.attisdropped;
    if listed is not null then
        execute format(
            'create or replace view {{ marts }}.%I as select %s from %I.%I', mart, listed, {{ schema_name }}, mart
        );
    end if;
{%- endmacro %}
