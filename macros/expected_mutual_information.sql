{#
  How much mutual information two divisions of the same sizes would have by chance, cell by cell: over all counts that a
  cell can have, weighted by the hypergeometric distribution (Vinh and others 2010). Weights follow from one count to the
  next and are made to sum to 1, which needs no factorials; counts beyond 12 standard deviations and 40 from the mean are
  left out, together less likely than 1e-25 (Bernstein). Columns: the keys, expected_information; their sum is the whole.
#}
{% macro expected_mutual_information(cells, keys, first_size, second_size, total) -%}
    {%- set cell = keys | join(', ') -%}
with

ei_sized as (
    select {{ cell }},
        {{ to_double(first_size) }} as a,
        {{ to_double(second_size) }} as b,
        {{ to_double(total) }} as n,
        {{ to_double(first_size) }} * {{ second_size }} / {{ total }} as mean
    from {{ cells }}
),

ei_reaching as (
    select {{ cell }}, a, b, n, mean,
        40 + 12 * sqrt(mean * (1 - a / n) * (1 - b / n) * n / greatest(n - 1, 1)) as reach
    from ei_sized
),

ei_bounded as (
    select {{ cell }}, a, b, n,
        cast(greatest(0, a + b - n, ceil(mean - reach)) as integer) as lowest,
        cast(least(a, b, floor(mean + reach)) as integer) as highest
    from ei_reaching
),

ei_counts as (
    select {{ cell }}, a, b, n, lowest, {{ number_series('lowest', 'highest') }} as x
    from ei_bounded
),

ei_logs as (
    select {{ cell }}, a, b, n, x,
        sum(
            case when x > lowest then ln((a - x + 1) * (b - x + 1) / (x * (n - a - b + x))) else 0 end
        ) over (partition by {{ cell }} order by x) as log_weight
    from ei_counts
),

ei_weighted as (
    select {{ cell }}, a, b, n, x,
        exp(log_weight - max(log_weight) over (partition by {{ cell }})) as weight
    from ei_logs
)

select {{ cell }},
    sum(weight * case when x > 0 then x / n * ln(n * x / (a * b)) else 0 end) / sum(weight) as expected_information
from ei_weighted
group by {{ cell }}
{%- endmacro %}
