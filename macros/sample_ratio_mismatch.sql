{#
  Is one arm larger than it should be by chance? The p-value of the chi-square test with one degree of freedom, an
  expression. `chi_square_tail()` gives the same from a column. Null without anybody, and for a share of 0 or 1.
#}
{% macro sample_ratio_mismatch(count_a, count_b, share_a) -%}
    {{ complementary_error_function(
        'abs(' ~ to_double(count_a) ~ ' - (' ~ count_a ~ ' + ' ~ count_b ~ ') * ' ~ share_a
        ~ ') / sqrt(nullif(2 * ' ~ to_double(count_a ~ ' + ' ~ count_b) ~ ' * ' ~ share_a
        ~ ' * (1 - ' ~ share_a ~ '), 0))'
    ) }}
{%- endmacro %}
