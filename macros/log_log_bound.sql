{#
  A bound of survival that stays between 0 and 1: normal on the scale of ln(-ln S), then taken back. log_survival is
  below 0; deviation is so many standard errors of it, negative for the lower bound.
#}
{% macro log_log_bound(log_survival, deviation) -%}
    {%- set power = 'exp(ln(-' ~ log_survival ~ ') + (' ~ deviation ~ ') / ' ~ log_survival ~ ')' -%}
    {#- PostgreSQL refuses exp(-746); least() would make 0 of a null -#}
    case when {{ power }} >= 700 then 0 else exp(-{{ power }}) end
{%- endmacro %}
