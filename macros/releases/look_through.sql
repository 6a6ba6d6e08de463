{# PL/pgSQL: views in the schema that dbt builds in, so that `dbt test` or `dbt show` without a build finds what is live. #}
{% macro look_through(schema_name) -%}
    {%- set aside = generate_schema_name('marts', none) -%}
    declare
        made text;
    begin
        create schema {{ aside }};
        for made in
            select relname from pg_class where relnamespace = to_regnamespace({{ schema_name }}) and relkind = 'r'
        loop
            execute format('create view {{ aside }}.%I as select * from %I.%I', made, {{ schema_name }}, made);
        end loop;
    end;
{%- endmacro %}
