{#
  Up to version 0.2 labels were written, not assigned; up to 0.3 there was one recipe, whose words the defaults are.
#}
{% macro upgrade_ml_tables(ml_schema) -%}
    drop table if exists {{ ml_schema }}.customer_clusters cascade;
    alter table {{ ml_schema }}.cluster_runs
    add column if not exists data_fingerprint text not null default 'unknown',
    add column if not exists decision text not null default 'activated',
    add column if not exists bootstrap_ari double precision,
    add column if not exists split_half_ari double precision,
    add column if not exists ward_ari double precision,
    add column if not exists population text not null default 'active',
    add column if not exists features text not null
    default 'monthly_bill_amount|tenure_months|data_usage|call_duration',
    add column if not exists transformation text not null default 'none',
    add column if not exists scaler text not null default 'standard',
    add column if not exists algorithm text not null default 'kmeans',
    add column if not exists tolerance numeric(7, 6) not null default 0,
    add column if not exists moved_share double precision;
    alter table {{ ml_schema }}.cluster_scalers
    add column if not exists transformation text not null default 'none';
    alter table {{ ml_schema }}.cluster_centroids
    add column if not exists centroid_deviation double precision;
{%- endmacro %}
