{#
  The number below which a standard normal variable lies with probability p; null unless p is between 0 and 1.
  Wichura's algorithm AS 241 (Applied Statistics 37, 1988, 477-484): a quotient of polynomials for the middle and two
  for the tails, right to about 1e-15. p stands in the SQL many times, so it should be a column.
#}
{% macro normal_quantile(p) -%}
    {%- set depth = 'sqrt(-ln(case when ' ~ p ~ ' < 0.5 then ' ~ p ~ ' else 1 - ' ~ p ~ ' end))' -%}
    {%- set regions = [
        {
            'variable': '(0.180625 - (' ~ p ~ ' - 0.5) * (' ~ p ~ ' - 0.5))',
            'above': [2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987,
                     13731.69376550946, 1971.5909503065513, 133.14166789178438, 3.3871328727963665],
            'below': [5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597,
                     5394.196021424751, 687.1870074920579, 42.31333070160091, 1.0],
        },
        {
            'variable': '(' ~ depth ~ ' - 1.6)',
            'above': [0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
                     3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835],
            'below': [1.0507500716444169e-09, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
                     0.6897673349851, 1.6763848301838038, 2.053191626637759, 1.0],
        },
        {
            'variable': '(' ~ depth ~ ' - 5)',
            'above': [2.0103343992922881e-07, 2.7115555687434876e-05, 0.0012426609473880784, 0.026532189526576124,
                     0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103],
            'below': [2.0442631033899397e-15, 1.421511758316446e-07, 1.8463183175100548e-05, 0.0007868691311456133,
                     0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1.0],
        },
    ] -%}
    {%- set quotients = [] -%}
    {%- for region in regions -%}
        {%- do quotients.append(
            polynomial(region.variable, region.above) ~ ' / ' ~ polynomial(region.variable, region.below)
        ) -%}
    {%- endfor -%}
    case
        when {{ p }} <= 0 or {{ p }} >= 1 then null
        when abs({{ p }} - 0.5) <= 0.425 then ({{ p }} - 0.5) * {{ quotients[0] }}
        else
            case when {{ p }} < 0.5 then -1 else 1 end
            * case when {{ depth }} <= 5 then {{ quotients[1] }} else {{ quotients[2] }} end
    end
{%- endmacro %}
