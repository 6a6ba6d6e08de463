{#
  What this run of dbt is to a release: `whole`, the `first` or the `last` of the runs that `nexasat build` makes of one,
  `partial` when only some marts were selected, which is never published, or `none`.
#}
{% macro release_part() -%}
    {%- set marts = release_nodes(['model']) -%}
    {%- set chosen = selected_resources | select('in', marts) | list -%}
    {%- if target.name != 'warehouse' or not chosen or flags.WHICH not in ['build', 'run', 'retry'] -%}
        {{ return('none') }}
    {%- elif var('build_part') -%}
        {{ return(var('build_part')) }}
    {%- endif -%}
    {{ return('whole' if flags.WHICH == 'build' and chosen | length == marts | length else 'partial') }}
{%- endmacro %}
