{# The model has as many rows as the other relation has under the condition: none lost, none doubled. #}
{% test row_count_equals(model, compare_model, compare_condition='true') %}

with

counted as (

    select
        (select count(*) from {{ model }}) as model_rows,
        (select count(*) from {{ compare_model }} where {{ compare_condition }}) as compared_rows

)

select *
from counted
where model_rows <> compared_rows

{% endtest %}
