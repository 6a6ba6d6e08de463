{#
  erfc(x) = 1 - erf(x) for x from 0 on, right for large x too, where 1 - erf(x) would be 0. PostgreSQL has it from version 16
  on. Spark has neither erf nor erfc: there it is written out, below 2.5 as 1 less the series of erf, above as a continued
  fraction (Abramowitz and Stegun, 7.1.6 and 7.1.14), as long as 13 digits need.
#}
{% macro complementary_error_function(x) -%}
    {%- if target.type == 'postgres' -%}
        erfc({{ x }})
    {%- else -%}
        {%- set terms = namespace(series='1', fraction=x) -%}
        {%- for term in range(50, 0, -1) -%}
            {%- set terms.series = '(1 + ' ~ x ~ ' * ' ~ x ~ ' / ' ~ (term + 0.5) ~ ' * ' ~ terms.series ~ ')' -%}
            {%- set terms.fraction = '(' ~ x ~ ' + ' ~ term / 2 ~ ' / ' ~ terms.fraction ~ ')' -%}
        {%- endfor -%}
        case
            when {{ x }} > 26 then 0
            when {{ x }} > 2.5 then exp(-{{ x }} * {{ x }}) / sqrt(pi()) / {{ terms.fraction }}
            else 1 - 2 / sqrt(pi()) * {{ x }} * exp(-{{ x }} * {{ x }}) * {{ terms.series }}
        end
    {%- endif -%}
{%- endmacro %}
