{# Makes an empty schema for the marts of this build and notes what is live; dbt's cache was filled before. #}
{% macro begin_release() -%}
    {%- if execute and target.name == 'bi' and flags.WHICH in ['build', 'run', 'seed', 'snapshot'] -%}
        {#- an error of the macro: after a statement that fails dbt would go on with the models -#}
        {%- do exceptions.raise_compiler_error('target bi only reads what is published: leave out --target bi') -%}
    {%- endif -%}
    {%- if execute and release_part() in ['whole', 'first'] -%}
        {%- set ops_schema = generate_schema_name('ops', none) -%}
        {%- set aside = api.Relation.create(database=target.database, schema=generate_schema_name('marts', none)) -%}
        {%- set build_id = var('build_id') or invocation_id -%}
        {%- do adapter.drop_schema(aside) -%}
        {%- do adapter.create_schema(aside) -%}
        {%- do run_query(
            'comment on schema ' ~ aside.schema ~ " is '" ~ build_id ~ "';"
            ~ 'insert into ' ~ ops_schema ~ '.release_builds (build_id, based_on, started_at, passed_nodes) values ('
            ~ "'" ~ build_id ~ "', (select release_number from " ~ ops_schema ~ '.releases where is_live),'
            ~ " clock_timestamp(), '{}'); commit"
        ) -%}
    {%- endif -%}
{%- endmacro %}
