{#
  How far two divisions of the same customers agree beyond chance: 1 for the same groups, 0 for chance, below it for less,
  null where both are one group (Vinh and others 2010; normalised by the mean of both entropies, as scikit-learn does).
  A row per pair of groups, empty pairs too. Columns: the key of the comparison, adjusted_mutual_information.
#}
{% macro adjusted_mutual_information(cells, comparison, first, second, count, first_size, second_size, total) -%}
    {%- set keys = [comparison, first, second] -%}
    {%- set share = to_double('cells.' ~ count) ~ ' / cells.' ~ total -%}
with

am_expected as (
    {{ expected_mutual_information(cells, keys, first_size, second_size, total) }}
),

am_informed as (
    select cells.{{ comparison }},
        sum(
            case when cells.{{ count }} > 0 then {{ share }} * ln(
                {{ to_double('cells.' ~ count) }} * cells.{{ total }} / (cells.{{ first_size }} * cells.{{ second_size }})
            ) else 0 end
        ) as information,
        sum(am_expected.expected_information) as expected_information,
        -sum(
            {{ share }} * ln({{ to_double('cells.' ~ first_size) }} * cells.{{ second_size }}
            / cells.{{ total }} / cells.{{ total }})
        ) / 2 as mean_entropy
    from {{ cells }} as cells
    inner join am_expected
        on {% for key in keys %}{{ 'and ' if not loop.first }}cells.{{ key }} = am_expected.{{ key }} {% endfor %}
    group by cells.{{ comparison }}
)

select {{ comparison }},
    case when mean_entropy > 0
        then (information - expected_information) / (mean_entropy - expected_information)
    end as adjusted_mutual_information
from am_informed
{%- endmacro %}
