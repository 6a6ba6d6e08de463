{#
  A number from 0 up to but not 1, in steps of 1/16^6: the first six digits of a hash. Texts whose hash lies below a
  share are that share of all texts. The hash should be a column that is computed: it stands in the SQL six times.
#}
{% macro hash_share(hash) -%}
    {%- set digits = [] -%}
    {%- for place in range(1, 7) -%}
        {%- do digits.append(
            "(position(substring(" ~ hash ~ ", " ~ place ~ ", 1) in '0123456789abcdef') - 1) / " ~ (16 ** place) ~ ".0"
        ) -%}
    {%- endfor -%}
    {{ to_double(digits | join(' + ')) }}
{%- endmacro %}
