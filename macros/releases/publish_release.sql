{#
  One transaction that shows a finished build: only if it began from what is live, once nobody holds a snapshot older than
  its tables, the views of all marts turn to it together. What goes wrong is noted with the build; nothing has changed then.
#}
{% macro publish_release(ops_schema, build_id) -%}
    {%- set marts = published_schema() -%}
    {%- set aside = generate_schema_name('marts', none) -%}
    do $publish$
    declare
        live {{ ops_schema }}.releases;
        fresh {{ ops_schema }}.releases;
        readers jsonb;  -- views of other people on plain marts, by name
        reader text;
        told text;
        way_out text;
    begin
        select * into live from {{ ops_schema }}.releases where is_live for update nowait;
        if live.release_number is distinct from (
            select based_on from {{ ops_schema }}.release_builds where build_id = '{{ build_id }}'
        ) then
            raise exception 'release % became live while this build ran', live.release_number
            using hint = 'build again';
        end if;
        if obj_description(to_regnamespace('{{ aside }}'), 'pg_namespace') is distinct from '{{ build_id }}' then
            raise exception 'another build began in schema {{ aside }}' using hint = 'build again, one at a time';
        end if;
        {{ wait_for_snapshots() }}
        if live.release_number is null then
            {{ note_plain_marts(ops_schema) }}
        end if;
        {{ point_views("'" ~ aside ~ "'", 'live.schema_name') }}
        for reader in select jsonb_object_keys(readers) loop
            execute format('create or replace view %s as %s', reader, readers ->> reader);
        end loop;
        select coalesce(max(release_number), 0) + 1 into fresh.release_number from {{ ops_schema }}.releases;
        fresh.schema_name := '{{ marts }}__g' || fresh.release_number;
        execute format('alter schema {{ aside }} rename to %I', fresh.schema_name);
        update {{ ops_schema }}.releases set is_live = false where is_live;
        insert into {{ ops_schema }}.releases
        values (
            fresh.release_number, fresh.schema_name, '{{ build_id }}', live.release_number, clock_timestamp(),
            clock_timestamp(), true, null
        );
        {{ look_through('fresh.schema_name') }}
        update {{ ops_schema }}.release_builds
        set is_published = true, finished_at = clock_timestamp()
        where build_id = '{{ build_id }}';
    exception when others then
        get stacked diagnostics told = message_text, way_out = pg_exception_hint;
        update {{ ops_schema }}.release_builds
        set is_published = false, finished_at = clock_timestamp(), reason = concat_ws('. ', told, nullif(way_out, ''))
        where build_id = '{{ build_id }}';
    end
    $publish$
{%- endmacro %}
