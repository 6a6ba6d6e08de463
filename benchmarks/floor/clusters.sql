-- Features, and labels by the nearest of the given centroids: the training itself is left out.
create schema ml;

create table marts.fct_customer_features as
select
    customer_id, customers.monthly_bill_amount::double precision, customers.tenure_months::double precision,
    data_usage::double precision, call_duration::double precision,
    (has_multiple_lines::integer + has_tech_support::integer)::double precision as service_count,
    historical_clv::double precision, proxy_clv::double precision, customers.is_churned
from marts.dim_customers as customers
inner join marts.fct_customer_value using (customer_id);

alter table marts.fct_customer_features
    add primary key (customer_id),
    add foreign key (customer_id) references marts.dim_customers (customer_id),
    alter monthly_bill_amount set not null, alter tenure_months set not null, alter data_usage set not null,
    alter call_duration set not null, alter service_count set not null, alter historical_clv set not null,
    alter proxy_clv set not null, alter is_churned set not null;

analyze marts.fct_customer_features;

create table ml.cluster_runs (
    run_id text primary key, recipe_name text not null, cluster_count integer not null, random_seed integer not null,
    initialisations integer not null, training_customers bigint not null, labelled_customers bigint not null,
    inertia double precision not null, silhouette double precision not null, library_versions text not null,
    trained_at timestamptz not null, data_fingerprint text not null, decision text not null,
    bootstrap_ari double precision, split_half_ari double precision, ward_ari double precision,
    population text not null, features text not null, transformation text not null, scaler text not null,
    algorithm text not null, tolerance numeric(7, 6) not null, moved_share double precision
);
create table ml.cluster_overlaps (
    run_id text not null references ml.cluster_runs, cluster_id integer not null, jaccard double precision not null,
    primary key (run_id, cluster_id)
);
create table ml.cluster_activations (
    activation_id bigint primary key, run_id text not null references ml.cluster_runs, is_by_hand boolean not null,
    activated_at timestamptz not null
);
create table ml.cluster_scalers (
    run_id text not null references ml.cluster_runs, feature_name text not null, feature_mean double precision not null,
    feature_scale double precision not null, transformation text not null, primary key (run_id, feature_name)
);
create table ml.cluster_centroids (
    run_id text not null references ml.cluster_runs, cluster_id integer not null, feature_name text not null,
    centroid_value double precision not null, centroid_scaled double precision not null,
    centroid_deviation double precision,
    primary key (run_id, cluster_id, feature_name)
);
\copy ml.cluster_runs from 'clusters/cluster_runs.csv' (format csv, header match)
\copy ml.cluster_activations from 'clusters/cluster_activations.csv' (format csv, header match)
\copy ml.cluster_overlaps from 'clusters/cluster_overlaps.csv' (format csv, header match)
\copy ml.cluster_scalers from 'clusters/cluster_scalers.csv' (format csv, header match)
\copy ml.cluster_centroids from 'clusters/cluster_centroids.csv' (format csv, header match)

create table intermediate.customers_assigned as
with centroids as (
    select
        run_id, cluster_id,
        max(centroid_scaled) filter (where feature_name = 'monthly_bill_amount') as bill,
        max(centroid_scaled) filter (where feature_name = 'tenure_months') as tenure,
        max(centroid_scaled) filter (where feature_name = 'data_usage') as data,
        max(centroid_scaled) filter (where feature_name = 'call_duration') as call
    from ml.cluster_centroids
    group by run_id, cluster_id
),
scaler as (
    select
        max(feature_mean) filter (where feature_name = 'monthly_bill_amount') as bill_mean,
        max(feature_scale) filter (where feature_name = 'monthly_bill_amount') as bill_scale,
        max(feature_mean) filter (where feature_name = 'tenure_months') as tenure_mean,
        max(feature_scale) filter (where feature_name = 'tenure_months') as tenure_scale,
        max(feature_mean) filter (where feature_name = 'data_usage') as data_mean,
        max(feature_scale) filter (where feature_name = 'data_usage') as data_scale,
        max(feature_mean) filter (where feature_name = 'call_duration') as call_mean,
        max(feature_scale) filter (where feature_name = 'call_duration') as call_scale
    from ml.cluster_scalers
)
select
    features.customer_id,
    nearest.cluster_id,
    sqrt(second_square) - sqrt(first_square) as cluster_margin
from marts.fct_customer_features as features
cross join scaler
cross join lateral (
    select
        max(cluster_id) filter (where nearness = 1) as cluster_id,
        max(square) filter (where nearness = 1) as first_square,
        max(square) filter (where nearness = 2) as second_square
    from (
        select cluster_id, square, row_number() over (order by square, cluster_id) as nearness
        from (
            select
                cluster_id,
                apart.bill * apart.bill + apart.tenure * apart.tenure + apart.data * apart.data
                + apart.call * apart.call as square
            from centroids
            cross join lateral (
                select
                    (features.monthly_bill_amount - bill_mean) / bill_scale - centroids.bill as bill,
                    (features.tenure_months - tenure_mean) / tenure_scale - centroids.tenure as tenure,
                    (features.data_usage - data_mean) / data_scale - centroids.data as data,
                    (features.call_duration - call_mean) / call_scale - centroids.call as call
            ) as apart
        ) as measured
    ) as ranked
    where nearness <= 2
) as nearest;

alter table intermediate.customers_assigned
    add primary key (customer_id),
    alter cluster_id set not null;

analyze intermediate.customers_assigned;

create table marts.dim_cluster_recipes as
select
    recipe_name, is_default, population, features, transformation, scaler, algorithm, cluster_count_from,
    cluster_count_to, random_seed, initialisations, tolerance::numeric(7, 6), training_limit,
    stability_floor::numeric(5, 4)
from config.cfg_cluster_recipes;

alter table marts.dim_cluster_recipes
    add primary key (recipe_name),
    alter is_default set not null, alter population set not null, alter features set not null,
    alter transformation set not null, alter scaler set not null, alter algorithm set not null,
    alter tolerance set not null, alter cluster_count_from set not null, alter cluster_count_to set not null,
    alter random_seed set not null, alter initialisations set not null, alter training_limit set not null,
    alter stability_floor set not null;

create table marts.fct_cluster_runs as
select
    run_id, recipe_name, population, features, transformation, scaler, algorithm, cluster_count, random_seed,
    initialisations, tolerance, data_fingerprint, training_customers, labelled_customers, inertia, silhouette,
    bootstrap_ari, split_half_ari, ward_ari, moved_share, decision, library_versions,
    count(activation_id) as activations,
    coalesce(max(activation_id) = (select max(activation_id) from ml.cluster_activations), false) as is_current,
    trained_at, max(activated_at) as activated_at
from ml.cluster_runs
left join ml.cluster_activations using (run_id)
group by run_id;

alter table marts.fct_cluster_runs
    add primary key (run_id),
    alter recipe_name set not null, alter population set not null, alter features set not null,
    alter transformation set not null, alter scaler set not null, alter algorithm set not null,
    alter tolerance set not null, alter cluster_count set not null, alter random_seed set not null,
    alter initialisations set not null, alter training_customers set not null, alter labelled_customers set not null,
    alter inertia set not null, alter silhouette set not null, alter library_versions set not null,
    alter data_fingerprint set not null, alter decision set not null, alter activations set not null,
    alter is_current set not null, alter trained_at set not null;

create table marts.dim_clusters as
with ranked as (
    select
        run_id, cluster_id, feature_name, centroid_value,
        case when centroid_deviation < 0 then low_words else high_words end as words,
        format(
            '%s (%s standard deviations %s the mean)',
            case when centroid_deviation < 0 then low_words else high_words end,
            abs(centroid_deviation)::numeric(12, 1),
            case when centroid_deviation < 0 then 'below' else 'above' end
        ) as distinction,
        row_number() over (partition by cluster_id order by abs(centroid_deviation) desc, feature_rank) as distance_rank
    from ml.cluster_centroids
    inner join config.cfg_cluster_features using (feature_name)
),
profiled as (
    select
        cluster_id, run_id,
        string_agg(words, ', ' order by distance_rank) filter (where distance_rank <= 2) as words,
        string_agg(distinction, ', ' order by distance_rank) filter (where distance_rank <= 2) as distinction,
        jsonb_object_agg(feature_name, centroid_value) as centre
    from ranked
    group by cluster_id, run_id
)
select
    cluster_id,
    words || case when count(*) over (partition by words) > 1 then ' (' || cluster_id || ')' else '' end as cluster_name,
    distinction,
    (centre ->> 'monthly_bill_amount')::numeric(12, 2) as centroid_monthly_bill_amount,
    (centre ->> 'tenure_months')::numeric(12, 2) as centroid_tenure_months,
    (centre ->> 'data_usage')::numeric(12, 2) as centroid_data_usage,
    (centre ->> 'call_duration')::numeric(12, 2) as centroid_call_duration,
    (centre ->> 'service_count')::numeric(12, 2) as centroid_service_count,
    (centre ->> 'historical_clv')::numeric(12, 2) as centroid_historical_clv,
    (centre ->> 'proxy_clv')::numeric(12, 2) as centroid_proxy_clv,
    jaccard,
    run_id
from profiled
left join ml.cluster_overlaps using (run_id, cluster_id);

alter table marts.dim_clusters
    add primary key (cluster_id),
    add foreign key (run_id) references marts.fct_cluster_runs (run_id),
    alter cluster_name set not null, alter distinction set not null, alter run_id set not null;
