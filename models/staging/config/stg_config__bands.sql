with

cfg_bands as (

    select * from {{ ref('cfg_bands') }}

),

typed as (

    select
        band_type,
        band_label,
        cast(band_rank as integer) as band_rank,
        cast(above as numeric(12, 2)) as above,
        cast(up_to as numeric(12, 2)) as up_to

    from cfg_bands

)

select * from typed
