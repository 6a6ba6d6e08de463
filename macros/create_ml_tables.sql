{# `nexasat cluster` writes here. Created empty so that a first `dbt build` succeeds before Python has run. #}
{% macro create_ml_tables() -%}
    {%- set ml_schema = generate_schema_name('ml', none) -%}
    create schema if not exists {{ ml_schema }};
    create table if not exists {{ ml_schema }}.cluster_runs (
        run_id text primary key,
        recipe_name text not null,
        cluster_count integer not null,
        random_seed integer not null,
        initialisations integer not null,
        training_customers bigint not null,
        labelled_customers bigint not null,
        inertia double precision not null,
        silhouette double precision not null,
        library_versions text not null,
        trained_at timestamptz not null
    );
    create table if not exists {{ ml_schema }}.cluster_scalers (
        run_id text not null references {{ ml_schema }}.cluster_runs,
        feature_name text not null,
        feature_mean double precision not null,
        feature_scale double precision not null,
        primary key (run_id, feature_name)
    );
    create table if not exists {{ ml_schema }}.cluster_centroids (
        run_id text not null references {{ ml_schema }}.cluster_runs,
        cluster_id integer not null,
        feature_name text not null,
        centroid_value double precision not null,
        centroid_scaled double precision not null,
        primary key (run_id, cluster_id, feature_name)
    );
    create table if not exists {{ ml_schema }}.cluster_scans (
        run_id text not null references {{ ml_schema }}.cluster_runs,
        cluster_count integer not null,
        inertia double precision not null, silhouette double precision not null,
        calinski_harabasz double precision not null,
        davies_bouldin double precision not null,
        gap double precision not null, gap_error double precision not null,
        votes integer not null,
        is_chosen boolean not null,
        primary key (run_id, cluster_count)
    );
    create table if not exists {{ ml_schema }}.cluster_overlaps (
        run_id text not null references {{ ml_schema }}.cluster_runs,
        cluster_id integer not null, jaccard double precision not null, primary key (run_id, cluster_id)
    );
    create table if not exists {{ ml_schema }}.cluster_bands (
        run_id text not null references {{ ml_schema }}.cluster_runs, feature_name text not null,
        band_number integer not null, upper_value double precision, training_share double precision not null,
        primary key (run_id, feature_name, band_number)
    );
    create table if not exists {{ ml_schema }}.cluster_activations (
        activation_id bigint generated always as identity primary key,
        run_id text not null references {{ ml_schema }}.cluster_runs,
        is_by_hand boolean not null, activated_at timestamptz not null default now()
    );
    {{ upgrade_ml_tables(ml_schema) }}
{%- endmacro %}
