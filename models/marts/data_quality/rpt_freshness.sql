with

load_audit as (

    select * from {{ ref('rpt_load_audit') }}

),

kpi_history as (

    select * from {{ ref('rpt_kpi_history') }}

),

cluster_runs as (

    select * from {{ ref('fct_cluster_runs') }}

),

release_builds as (

    select * from {{ ref('stg_ops__release_builds') }}

),

extracts_counted as (

    select
        min(extract_date) as first_extract_date,
        count(*) as extracts_in_history

    from kpi_history

),

told as (

    select
        load_audit.load_id,
        load_audit.file_name,
        load_audit.accepted_rows,
        load_audit.rejected_rows,
        extracts_counted.extracts_in_history,
        load_audit.load_id = 0 as is_bundled_extract,
        load_audit.extract_date,
        extracts_counted.first_extract_date,
        load_audit.loaded_at,
        cluster_runs.trained_at as clusters_trained_at,
        release_builds.started_at as built_at

    from load_audit

    cross join extracts_counted

    left join cluster_runs
        on cluster_runs.is_current

    left join release_builds
        on release_builds.build_id = '{{ var("build_id") or invocation_id }}'

)

select * from told
