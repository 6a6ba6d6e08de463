{#
  Drops all releases but those that were live last, without a cascade: one that somebody still reads or has built a view on
  stays until a later build.
#}
{% macro drop_old_releases(ops_schema) -%}
    do $drop$
    declare
        old record;
        tables text;
    begin
        for old in
            select * from {{ ops_schema }}.releases where dropped_at is null order by is_live desc, live_since desc
            offset {{ var('releases_kept') }}
        loop
            begin
                set local lock_timeout = '1s';
                select string_agg(format('%I.%I', old.schema_name, relname), ', ') into tables
                from pg_class where relnamespace = to_regnamespace(old.schema_name) and relkind = 'r';
                if tables is not null then
                    execute 'drop table ' || tables;
                end if;
                execute format('drop schema if exists %I', old.schema_name);
                update {{ ops_schema }}.releases
                set dropped_at = clock_timestamp()
                where release_number = old.release_number;
            exception when lock_not_available or dependent_objects_still_exist or insufficient_privilege then
                raise warning 'release % stays in schema %: %', old.release_number, old.schema_name, sqlerrm;
            end;
        end loop;
    end
    $drop$
{%- endmacro %}
