{#
  A bound of a proportion by Wilson's score interval (JASA 22, 1927, 209-212), an expression. The ends are exact where nobody or
  everybody succeeds; of no trials nothing is known, which is 0 to 1.
#}
{% macro wilson(successes, trials, z, bound) -%}
    {%- set failures = '(' ~ trials ~ ' - ' ~ successes ~ ')' -%}
    case
        when {{ successes if bound == 'lower' else failures }} = 0 then {{ 0 if bound == 'lower' else 1 }}
        else (
            {{ successes }} + {{ z }} * {{ z }} / 2 {{ '-' if bound == 'lower' else '+' }} {{ z }} * sqrt(
                {{ to_double(successes) }} * {{ failures }} / {{ trials }} + {{ z }} * {{ z }} / 4
            )
        ) / ({{ trials }} + {{ z }} * {{ z }})
    end
{%- endmacro %}
