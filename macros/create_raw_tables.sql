{# `nexasat load` writes here by COPY. Created empty so that a first `dbt build` works from the seed alone. #}
{% macro create_raw_tables() -%}
    {%- set raw_schema = generate_schema_name('raw', none) -%}
    create schema if not exists {{ raw_schema }};
    create table if not exists {{ raw_schema }}.extract_loads (
        load_id bigint generated always as identity primary key,
        file_name text not null,
        file_sha256 text not null,
        file_bytes bigint not null,
        delivered_rows bigint not null,
        extract_date date not null,
        loaded_at timestamptz not null
    );
    create table if not exists {{ raw_schema }}.extract_files (
        load_id bigint,
        file_number integer,
        file_name text not null,
        file_sha256 text not null,
        mapping_sha256 text,
        file_bytes bigint not null,
        first_line bigint not null,
        last_line bigint not null,
        delivered_rows bigint not null,
        replaced_rows bigint not null,
        file_format text not null,
        primary key (load_id, file_number)
    );
    create table if not exists {{ raw_schema }}.extract_rows (
        load_id bigint not null,
        line_number bigint not null,
        raw_record text,
        {%- for column in extract_columns() %}
        {{ column }} text{{ ',' if not loop.last }}
        {%- endfor %}
    ) partition by list (load_id);
{%- endmacro %}
