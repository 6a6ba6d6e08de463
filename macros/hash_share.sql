{#
  A number from 0 up to but not 1 that hangs on the text alone, in steps of 1/16^6: the first six digits of its MD5
  hash. Texts below a share are that share of all texts.
#}
{% macro hash_share(text) -%}
    {%- set digits = [] -%}
    {%- for place in range(1, 7) -%}
        {%- do digits.append(
            "(position(substring(md5(" ~ text ~ "), " ~ place ~ ", 1) in '0123456789abcdef') - 1) / " ~ (16 ** place) ~ ".0"
        ) -%}
    {%- endfor -%}
    {{ to_double(digits | join(' + ')) }}
{%- endmacro %}
