{# The log of releases: what is live, what can be gone back to, and why a build was not published. #}
{% macro create_release_tables() -%}
    {%- set ops_schema = generate_schema_name('ops', none) -%}
    create schema if not exists {{ ops_schema }};
    create table if not exists {{ ops_schema }}.releases (
        release_number integer primary key,
        schema_name text not null unique,
        build_id text,
        based_on integer,
        published_at timestamptz not null,
        live_since timestamptz not null,
        is_live boolean not null,
        dropped_at timestamptz
    );
    create unique index if not exists releases_one_live on {{ ops_schema }}.releases (is_live) where is_live;
    create table if not exists {{ ops_schema }}.release_builds (
        build_id text primary key,
        based_on integer,
        started_at timestamptz not null,
        finished_at timestamptz,
        passed_nodes text[] not null,
        is_published boolean,
        reason text
    );
{%- endmacro %}
