{#
  `nexasat load` writes here by COPY. Created empty so that a first `dbt build` works from the seed alone. Whoever makes
  the tables, they belong to who owns the schema, which is the loader where there are roles (D-050).
#}
{% macro create_raw_tables() -%}
    {%- set raw_schema = generate_schema_name('raw', none) -%}
    do $do$
    begin
        -- `if not exists` would ask the loader for the right to make schemas, even where there is nothing to make
        if to_regnamespace('{{ raw_schema }}') is null then
            create schema {{ raw_schema }};
        end if;
    end
    $do$;
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
    do $do$
    declare
        loader regrole := (select nspowner from pg_namespace where oid = to_regnamespace('{{ raw_schema }}'));
        made regclass;
    begin
        for made in select oid from pg_class
            where relnamespace = to_regnamespace('{{ raw_schema }}') and relname like 'extract\_%' and relkind in ('r', 'p')
            and relowner <> loader and pg_has_role(relowner, 'usage') and pg_has_role(loader, 'set')
        loop
            execute format('alter table %s owner to %s', made, loader);
        end loop;
    end
    $do$;
{%- endmacro %}
