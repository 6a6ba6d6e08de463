{#
  Is one arm larger than it should be by chance? The p-value of the chi-square test with one degree of freedom, an
  expression. `chi_square_tail()` gives the same from a column. Null without anybody.
#}
{% macro sample_ratio_mismatch(count_a, count_b, share_a) -%}
    {{ complementary_error_function(
        'abs(' ~ to_double(count_a) ~ ' - (' ~ count_a ~ ' + ' ~ count_b ~ ') * ' ~ share_a
        ~ ') / sqrt(2 * nullif(' ~ to_double(count_a ~ ' + ' ~ count_b) ~ ', 0) * ' ~ share_a
        ~ ' * (1 - ' ~ share_a ~ '))'
    ) }}
{%- endmacro %}
