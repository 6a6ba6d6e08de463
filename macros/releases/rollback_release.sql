{#
  Turns the views of all marts to a release that is kept, by default the one that was live before:
  `dbt run-operation rollback_release --args '{release_number: 3}'`. Columns that only the newer one has would be missed, so
  that needs `allow_breaking`.
#}
{% macro rollback_release(release_number=none) -%}
    {%- set ops_schema = generate_schema_name('ops', none) -%}
    {%- call statement('rollback') -%}
    do $rollback$
    declare
        live {{ ops_schema }}.releases;
        wanted {{ ops_schema }}.releases;
    begin
        select * into live from {{ ops_schema }}.releases where is_live for update nowait;
        select * into wanted from {{ ops_schema }}.releases
        where
            dropped_at is null and not is_live
            and release_number = coalesce({{ release_number if release_number is not none else 'null' }}, release_number)
        order by live_since desc limit 1;
        if wanted.release_number is null then
            raise exception 'there is no such release to go back to'
            using hint = format('live: %s; kept: %s', live.release_number, coalesce((
                select string_agg(release_number::text, ', ') from {{ ops_schema }}.releases
                where dropped_at is null and not is_live
            ), 'none'));
        end if;
        {{ wait_for_snapshots() }}
        {{ point_views('wanted.schema_name', 'live.schema_name') }}
        drop schema {{ generate_schema_name('marts', none) }} cascade;
        {{ look_through('wanted.schema_name') }}
        update {{ ops_schema }}.releases set is_live = false where is_live;
        update {{ ops_schema }}.releases
        set is_live = true, live_since = clock_timestamp()
        where release_number = wanted.release_number;
    end
    $rollback$
    {%- endcall -%}
    {%- do run_query('commit') -%}
    {%- do log('Release ' ~ run_query(
        'select release_number from ' ~ ops_schema ~ '.releases where is_live'
    )[0][0] ~ ' is live again', info=true) -%}
{%- endmacro %}
