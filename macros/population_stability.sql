{#
  Population stability index of each feature: Σ (today − then) · ln(today / then) over the bands of then. Members below each
  edge are counted in one pass, without a row per feature; an empty band counts as the smallest share, or the index would be
  infinite. Columns: feature_name, stability_index; no row without members or bands.
#}
{% macro population_stability(members, bands, features, smallest_share) -%}
    {%- set slots = [] -%}
    {%- for feature in features -%}{%- for number in range(1, 10) -%}
        {%- do slots.append([feature, number]) -%}
    {%- endfor -%}{%- endfor -%}
with

ps_edges as (
    select
        {%- for feature, number in slots %}
        max(upper_value) filter (where feature_name = '{{ feature }}' and band_number = {{ number }})
            as {{ feature }}_{{ number }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ bands }}
),

ps_counted as (
    select count(*) as members,
        {%- for feature, number in slots %}
        count(*) filter (where members.{{ feature }} <= edges.{{ feature }}_{{ number }})
            as {{ feature }}_{{ number }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ members }} as members
    cross join ps_edges as edges
),

ps_reached as (
    select bands.feature_name, bands.band_number, bands.training_share, counted.members,
        case when bands.upper_value is null then counted.members
            {%- for feature, number in slots %}
            when bands.feature_name = '{{ feature }}' and bands.band_number = {{ number }}
                then counted.{{ feature }}_{{ number }}
            {%- endfor %}
        end as members_up_to
    from {{ bands }} as bands
    cross join ps_counted as counted
    where counted.members > 0
),

ps_shared as (
    select feature_name,
        greatest(training_share, {{ smallest_share }}) as share_then,
        greatest({{ smallest_share }}, {{ to_double(
            'members_up_to - coalesce(lag(members_up_to) over (partition by feature_name order by band_number), 0)'
        ) }} / members) as share_today
    from ps_reached
)

select feature_name, sum((share_today - share_then) * ln(share_today / share_then)) as stability_index
from ps_shared
group by feature_name
{%- endmacro %}
