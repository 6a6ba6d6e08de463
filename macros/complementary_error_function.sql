{#
  erfc(x) = 1 - erf(x), right for large x too, where 1 - erf(x) would be 0. PostgreSQL has it from version 16 on. Spark
  has neither erf nor erfc, and no short formula keeps the tail, so another adapter is refused rather than served wrongly.
#}
{% macro complementary_error_function(x) -%}
    {%- if target.type != 'postgres' -%}
        {{ exceptions.raise_compiler_error(
            'complementary_error_function: ' ~ target.type ~ ' has no erfc(); p-values need PostgreSQL 16 or later'
        ) }}
    {%- endif -%}
    erfc({{ x }})
{%- endmacro %}
