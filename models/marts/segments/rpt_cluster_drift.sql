with

cluster_bands as (

    select * from {{ ref('stg_ml__cluster_bands') }}

),

customer_features as (

    select * from {{ ref('fct_customer_features') }}

),

cluster_runs as (

    select * from {{ ref('fct_cluster_runs') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

current_run as (

    select
        run_id,
        recipe_name,
        population

    from cluster_runs

    where is_current

),

members as (

    select
    {% for feature in cluster_features() %}
            customer_features.{{ feature }}{{ ',' if not loop.last }}
    {% endfor %}

    from customer_features

    cross join current_run

    where current_run.population = 'all' or not customer_features.is_churned

),

indexed as (

    {{ population_stability(
        'members', 'cluster_bands', cluster_features(),
        '(select drift_smallest_share from parameters)'
    ) }}

),

trained_again as (

    select
        cluster_runs.moved_share,
        cluster_runs.is_current,
        row_number() over (order by cluster_runs.trained_at desc) as newness

    from cluster_runs

    inner join current_run
        on cluster_runs.recipe_name = current_run.recipe_name

    where cluster_runs.moved_share is not null

),

measured as (

    select
        current_run.run_id,
        cast('population_stability_index' as text) as drift_measure,
        indexed.feature_name as subject,
        indexed.stability_index as drift_value,
        parameters.drift_index_bound as drift_bound,
        'Customers of today and of the training differ in '
        || indexed.feature_name
        || ' by an index of '
        || cast(cast(indexed.stability_index as numeric(12, 3)) as text) as told

    from indexed

    cross join current_run

    cross join parameters

    union all

    select
        current_run.run_id,
        cast('moved_share' as text) as drift_measure,
        cast('labels' as text) as subject,
        trained_again.moved_share as drift_value,
        parameters.drift_moved_bound as drift_bound,
        case
            when trained_again.is_current then 'The run in force moved '
            else 'A newer training, not in force, would move '
        end
        || cast(cast(100 * trained_again.moved_share as numeric(4, 1)) as text)
        || ' % of the customers to another cluster' as told

    from current_run

    cross join parameters

    left join trained_again
        on trained_again.newness = 1

),

judged as (

    select
        run_id,
        drift_measure,
        subject,
        drift_value,
        drift_bound,
        coalesce(drift_value > drift_bound, false) as is_over_bound,
        case
            when drift_value is null
                then 'No other training of the recipe was held against the run in force'
            when drift_value > drift_bound
                then told || ', over the bound: look at the clusters again'
            else told || ', within the bound'
        end as meaning

    from measured

)

select * from judged
