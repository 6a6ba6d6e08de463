{# Up to version 0.2 labels were written, not assigned, and a run had fewer facts. #}
{% macro upgrade_ml_tables(ml_schema) -%}
    drop table if exists {{ ml_schema }}.customer_clusters cascade;
    alter table {{ ml_schema }}.cluster_runs
    add column if not exists data_fingerprint text not null default 'unknown',
    add column if not exists decision text not null default 'activated',
    add column if not exists bootstrap_ari double precision,
    add column if not exists split_half_ari double precision,
    add column if not exists ward_ari double precision;
{%- endmacro %}
