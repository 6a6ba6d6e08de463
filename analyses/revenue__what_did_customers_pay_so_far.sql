{#
  Historical CLV, the bill times the months: its sum and mean for active and churned customers.
  Trap: it is the past at today's price, not a forecast. One study calls its mean of 4,561.35 ARPU,
  and its README prints 19.47 million for 19,486,089.35.
#}
with

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

summed as (

    select
        is_churned,
        count(*) as customers,
        sum(historical_clv) as historical_clv,
        cast(avg(historical_clv) as numeric(14, 2)) as mean_historical_clv,
        sum(proxy_clv) as proxy_clv

    from customer_value

    group by is_churned

)

select * from summed
