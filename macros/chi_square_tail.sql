{#
  The probability that a chi-square variable exceeds x: the p-value of a test. x and the whole number of degrees of
  freedom are columns. Closed form (Abramowitz and Stegun, 26.4.4 and 26.4.5): erfc for odd degrees, then one term more
  for every two degrees. Null without degrees of freedom, and beyond 31 of them, to which the terms are written out.
#}
{% macro chi_square_tail(x, degrees_of_freedom) -%}
    {%- set half = '(' ~ x ~ ' / 2)' -%}
    {%- set odd = 'mod(' ~ degrees_of_freedom ~ ', 2) = 1' -%}
    {%- set terms = namespace(text='0') -%}
    {%- for term in range(15, 0, -1) -%}
        {%- set terms.text = 'case when ' ~ degrees_of_freedom ~ ' >= ' ~ 2 * term ~ ' then 1 + ' ~ half
            ~ ' / case when ' ~ odd ~ ' then ' ~ (term + 0.5) ~ ' else ' ~ term ~ ' end * ' ~ terms.text ~ ' else 0 end' -%}
    {%- endfor -%}
    case
        when {{ degrees_of_freedom }} between 1 and 31
            then
                case when {{ odd }} then {{ complementary_error_function('sqrt' ~ half) }} else 0 end
                {#- PostgreSQL refuses exp() of less than about -745; the term is below 1e-290 there #}
                + case
                    when {{ half }} >= 700 then 0
                    else
                        exp(-{{ half }})
                        * case when {{ odd }} then 2 * sqrt({{ half }} / pi()) else 1 end
                        * {{ terms.text }}
                end
    end
{%- endmacro %}
