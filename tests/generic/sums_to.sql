{# The column adds up to exactly the total; an empty relation or a null fails. #}
{% test sums_to(model, column_name, total) %}

select
    sum({{ column_name }}) as column_sum,
    count(*) as all_rows,
    count({{ column_name }}) as filled_rows

from {{ model }}

having
    (sum({{ column_name }}) = {{ total }}) is not true
    or count(*) <> count({{ column_name }})

{% endtest %}
