{#
  Null where there is no such cluster, 0 for a feature that the run in force does without. A table
  of one row, so that the customers are not planned together with the views below it (D-004).
#}
{{ config(materialized='table') }}
{%- set slots = [] %}
{%- for number in range(1, most_clusters() + 1) %}
    {%- for feature in cluster_features() %}
        {%- do slots.append([feature, number]) %}
    {%- endfor %}
{%- endfor %}

with

cluster_centroids as (

    select * from {{ ref('stg_ml__cluster_centroids') }}

),

cluster_scalers as (

    select * from {{ ref('stg_ml__cluster_scalers') }}

),

scaler as (

    select
        coalesce(max(transformation) = 'log', false) as is_log,
    {% for feature in cluster_features() %}
        max(feature_mean) filter (where feature_name = '{{ feature }}') as {{ feature }}_mean,
        max(feature_scale) filter (
            where feature_name = '{{ feature }}'
        ) as {{ feature }}_scale{{ ',' if not loop.last }}
    {% endfor %}

    from cluster_scalers

),

centres as (

    select
    {% for feature, number in slots %}
            sum(case when feature_name = '{{ feature }}' then centroid_scaled else 0 end) filter (
                where cluster_id = {{ number }}
            ) as {{ feature }}_{{ number }}{{ ',' if not loop.last }}
    {% endfor %}

    from cluster_centroids

),

pivoted as (

    select
        scaler.is_log,
        {% for feature in cluster_features() %}
            scaler.{{ feature }}_mean,
            scaler.{{ feature }}_scale,
        {% endfor %}
    {% for feature, number in slots %}
        centres.{{ feature }}_{{ number }}{{ ',' if not loop.last }}
    {% endfor %}

    from scaler

    cross join centres

)

select * from pivoted
