{#
  Historical CLV, score and tier of the nine customers whose rows the studies print.
  Trap: the ids are of the published extract. In another extract they are other people; one that is
  not there gives no row, and a churned one has neither a score nor a tier.
#}
with

customer_value as (

    select * from {{ ref('fct_customer_value') }}

),

customer_segments as (

    select * from {{ ref('fct_customer_segments') }}

),

printed as (

    select
        customer_value.customer_id,
        customer_value.historical_clv,
        customer_value.clv_score,
        customer_segments.value_tier

    from customer_value

    left join customer_segments
        on customer_value.customer_id = customer_segments.customer_id

    where
        customer_value.customer_id in (
            'NSat2117', 'NSat2121', 'NSat2123',
            'NSat2124', 'NSat2127', 'NSat2128',
            'NSat2232', 'NSat2233', 'NSat2261'
        )

)

select * from printed
