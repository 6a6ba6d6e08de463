{#
  A number between 0 and 1, both left out, from thirteen digits of a hexadecimal hash, the first counted from 1: random
  numbers that are the same on every engine and in every build. Thirteen digits are 52 bits, all that a double can hold.
#}
{% macro uniform_of_hash(hash, first_digit) -%}
    {%- set digits = 'substr(' ~ hash ~ ', ' ~ first_digit ~ ', 13)' -%}
    {%- if target.type == 'spark' -%}
        {%- set number = "conv(" ~ digits ~ ", 16, 10)" -%}
    {%- else -%}
        {%- set number = "cast(cast('x' || " ~ digits ~ " as bit(52)) as bigint)" -%}
    {%- endif -%}
    ({{ to_double(number) }} + 0.5) / {{ to_double(4503599627370496) }}
{%- endmacro %}
