{#
  Makes an empty schema for the marts of this build and copies the snapshots of the live release into it: history goes on
  from what is shown, and a build that is not published leaves no trace in it. dbt's cache was filled before.
#}
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
        {%- set live = run_query('select schema_name from ' ~ ops_schema ~ '.releases where is_live') -%}
        {%- for id in release_nodes(['snapshot']) if live | length -%}
            {%- set made = aside.incorporate(path={'identifier': graph.nodes[id].alias}, type='table') -%}
            {%- set kept = made.incorporate(path={'schema': live[0][0]}) -%}
            {%- if load_relation(kept) -%}
                {%- do run_query(
                    'create table ' ~ made ~ ' (like ' ~ kept ~ ' including all);'
                    ~ 'insert into ' ~ made ~ ' select * from ' ~ kept ~ '; analyze ' ~ made ~ '; commit'
                ) -%}
                {%- do adapter.cache_added(made) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
