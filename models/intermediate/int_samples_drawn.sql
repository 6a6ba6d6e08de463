{#
  The customers drawn anew, cell by cell (D-020): customers of one plan, usage band, tenure and churn
  differ in their bill alone. The weights of n customers, each exponential with mean 1, sum to a gamma
  variable, here by Wilson and Hilferty; then each sample is scaled to as many customers as there are.
  Sample 0 is the extract itself. A table: it is read twice (D-004).
#}
{{ config(materialized='table') }}

with

tenures_counted as (

    select * from {{ ref('int_tenures_counted') }}

),

tenures_valued as (

    select * from {{ ref('int_tenures_valued') }}

),

parameters as (

    select * from {{ ref('stg_config__parameters') }}

),

samples as (

    select
        {{ number_series('0', 'bootstrap_samples') }} as sample_number,
        bootstrap_seed

    from parameters

),

hashed as (

    select
        samples.sample_number,
        tenures_counted.plan_key,
        tenures_counted.usage_band,
        tenures_counted.tenure_months,
        tenures_counted.is_churned,
        tenures_counted.bill_total,
        tenures_valued.margin,
        tenures_valued.expected_months_24m,
        {{ to_double('tenures_counted.customers') }} as customers,
        sum({{ to_double('tenures_counted.customers') }}) over (
            partition by samples.sample_number
        ) as sample_customers,
        {{ to_double('tenures_counted.bill_total / tenures_counted.customers') }} as mean_bill,
        sqrt(tenures_counted.bill_variance / (tenures_counted.customers + 1)) as bill_deviation,
        md5(concat_ws(
            '|',
            cast(samples.bootstrap_seed as text),
            cast(samples.sample_number as text),
            tenures_counted.plan_key,
            tenures_counted.usage_band,
            cast(tenures_counted.tenure_months as text),
            cast(tenures_counted.is_churned as text)
        )) as cell_hash

    from tenures_counted

    inner join tenures_valued
        on
            tenures_counted.plan_key = tenures_valued.plan_key
            and tenures_counted.usage_band = tenures_valued.usage_band
            and tenures_counted.tenure_months = tenures_valued.tenure_months

    cross join samples

),

uniforms as (

    select
        *,
        {{ uniform_of_hash('cell_hash', 1) }} as first_uniform,
        {{ uniform_of_hash('cell_hash', 14) }} as second_uniform

    from hashed

),

-- Box and Muller: two independent standard normal variables from two uniform ones
normals as (

    select
        *,
        1 - 1 / (9 * customers)
        + sqrt(-2 * ln(first_uniform)) * cos(2 * pi() * second_uniform)
        / (3 * sqrt(customers)) as cube_root,
        sqrt(-2 * ln(first_uniform)) * sin(2 * pi() * second_uniform) as bill_normal

    from uniforms

),

weighted as (

    select
        *,
        case
            when sample_number = 0 then customers
            else customers * power(greatest(cube_root, 0), 3)
        end as customer_weight,
        case
            when sample_number = 0 then mean_bill
            else mean_bill + bill_deviation * bill_normal
        end as drawn_bill

    from normals

),

scaled as (

    select
        *,
        customer_weight * (
            sample_customers / sum(customer_weight) over (partition by sample_number)
        ) as drawn_customers

    from weighted

),

drawn as (

    select
        sample_number,
        plan_key,
        usage_band,
        tenure_months,
        is_churned,
        margin,
        expected_months_24m,
        bill_total,
        drawn_customers,
        drawn_customers * drawn_bill as drawn_bill_total

    from scaled

)

select * from drawn
