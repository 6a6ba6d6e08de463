{#
  PL/pgSQL: waits until every snapshot that is held now is let go. A transaction that took its snapshot before the new
  tables were filled would find them empty, without an error. A snapshot without a transaction older than this one sees the
  tables; so does one taken after this began, however old the oldest writer is. Session and snapshot are what anybody may
  see of another's session.
#}
{% macro wait_for_snapshots() -%}
    declare
        held text[];
        waiting text;
        deadline timestamptz := clock_timestamp() + make_interval(secs => {{ var('release_patience') }});
    begin
        perform pg_stat_clear_snapshot();
        select array_agg(concat_ws(' ', pid, backend_start, backend_xmin)) into held
        from pg_stat_activity
        where
            datname = current_database() and pid != pg_backend_pid() and usesysid is not null
            and age(backend_xmin) > age(pg_current_xact_id()::xid);
        loop
            perform pg_stat_clear_snapshot();
            select string_agg(concat_ws(' ', 'process', pid, 'of', usename, application_name), ', ') into waiting
            from pg_stat_activity
            where concat_ws(' ', pid, backend_start, backend_xmin) = any(held) and backend_xmin is not null;
            exit when waiting is null;
            if clock_timestamp() > deadline then
                raise exception 'transactions from before the end of this build are still open: %', waiting
                using hint = 'end them, or build again when they are over';
            end if;
            perform pg_sleep(0.01);
        end loop;
    end;
{%- endmacro %}
