{# The value lies in the band: above one bound, up to the other and that included; an empty bound is none (D-008). #}
{% macro is_within_band(value, band) -%}
    ({{ band }}.above is null or {{ value }} > {{ band }}.above)
    and ({{ band }}.up_to is null or {{ value }} <= {{ band }}.up_to)
{%- endmacro %}
