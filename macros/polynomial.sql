{# Horner's scheme: the coefficients from the highest power down to the constant. x stands in the SQL once for each power. #}
{% macro polynomial(x, coefficients) -%}
    {%- set terms = namespace(text=coefficients[0] | string) -%}
    {%- for coefficient in coefficients[1:] -%}
        {%- set terms.text = '(' ~ terms.text ~ ' * ' ~ x ~ ' + ' ~ coefficient ~ ')' -%}
    {%- endfor -%}
    {{ terms.text }}
{%- endmacro %}
