{#
  Nearest and second nearest of many centres. They all stand beside each row, so that this is one scan without a sort;
  without `computed_once` each distance would be measured dozens of times. A feature without a mean counts for nothing.
  Arithmetic and order are those of the training: of two centres equally near the lower number wins, as in argmin (D-009).
  Columns: the key, cluster_id, square, second_cluster_id, second_square; no row without a centre.
#}
{% macro nearest_centres(relation, key, centres, features) -%}
    {%- set numbers = range(1, most_clusters() + 1) -%}
    {%- set squares = [] -%}
    {%- for number in numbers -%}{%- do squares.append('square_' ~ number) -%}{%- endfor -%}
with

nc_scaled as (
    select members.{{ key }},
        {%- for feature in features %}
        (
            case when centres.is_log then ln(1 + {{ to_double('members.' ~ feature) }})
                else {{ to_double('members.' ~ feature) }} end
            - centres.{{ feature }}_mean
        ) / centres.{{ feature }}_scale as {{ feature }},
        {%- endfor %}
        centres.*
    from {{ relation }} as members
    cross join {{ centres }} as centres
    {{ computed_once() }}
),

nc_measured as (
    select {{ key }},
        {%- for number in numbers %}
        case when {{ features[0] }}_{{ number }} is not null then
            {%- for feature in features %}
            {%- set step = '(' ~ feature ~ ' - ' ~ feature ~ '_' ~ number ~ ')' %}
            {{ '+ ' if not loop.first }}coalesce({{ step }} * {{ step }}, 0)
            {%- endfor %}
        end as square_{{ number }}{{ ',' if not loop.last }}
        {%- endfor %}
    from nc_scaled
    {{ computed_once() }}
),

nc_first as (
    select *, least({{ squares | join(', ') }}) as square,
        case least({{ squares | join(', ') }})
            {%- for number in numbers %} when square_{{ number }} then {{ number }}{%- endfor %}
        end as cluster_id
    from nc_measured
    {{ computed_once() }}
),

nc_second as (
    select *,
        least({%- for number in numbers %}{{ ', ' if not loop.first }}
            case when cluster_id <> {{ number }} then square_{{ number }} end{%- endfor %}
        ) as second_square
    from nc_first
    where cluster_id is not null
    {{ computed_once() }}
)

select {{ key }}, cluster_id, square, second_square,
    case second_square {%- for number in numbers %}
        when case when cluster_id <> {{ number }} then square_{{ number }} end then {{ number }}{%- endfor %}
    end as second_cluster_id
from nc_second
{%- endmacro %}
