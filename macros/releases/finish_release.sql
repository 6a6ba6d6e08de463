{#
  Publishes when every mart was built and every data test passed, in this run or in the first of its two parts; otherwise
  says why not and fails, and what readers see stays as it was.
#}
{% macro finish_release(results) -%}
    {%- set part = release_part() if execute else 'none' -%}
    {%- if part != 'none' -%}
        {%- set ops_schema = generate_schema_name('ops', none) -%}
        {%- set build_id = var('build_id') or invocation_id -%}
        {%- set passed = [] -%}
        {%- set failed = [] -%}
        {%- for result in results if result.node.resource_type not in ['operation', 'unit_test'] -%}
            {%- do (passed if result.status | string in ['success', 'pass', 'warn', 'no-op'] else failed).append(
                result.node.unique_id
            ) -%}
        {%- endfor -%}
        {%- set earlier = run_query(
            'update ' ~ ops_schema ~ ".release_builds set passed_nodes = passed_nodes || '{" ~ passed | join(',')
            ~ "}' where build_id = '" ~ build_id ~ "' returning array_to_string(passed_nodes, ',')"
        ) -%}
        {%- do run_query('commit') -%}
        {%- set passed = earlier[0][0].split(',') if earlier | length else passed -%}
        {%- set lacking = release_nodes(['model', 'test']) | reject('in', passed) | list -%}
        {%- set reason = none -%}
        {%- if failed -%}
            {%- set reason = failed | length ~ ' failed or were skipped: ' ~ failed[:3] | join(', ') -%}
        {%- elif part == 'partial' -%}
            {%- set reason = 'only a part was built or nothing was tested; it can be looked at in schema '
                ~ generate_schema_name('marts', none) ~ '. `dbt build` without a selection publishes' -%}
        {%- elif lacking and part != 'first' -%}
            {%- set reason = lacking | length ~ ' marts or tests were left out: ' ~ lacking[:3] | join(', ') -%}
        {%- endif -%}
        {%- if reason is none and part != 'first' -%}
            {%- do run_query(publish_release(ops_schema, build_id)) -%}
            {%- do run_query('commit') -%}
            {%- set noted = ops_schema ~ ".release_builds where build_id = '" ~ build_id ~ "'" -%}
            {%- set reason = run_query('select reason from ' ~ noted)[0][0] -%}
        {%- elif reason is not none -%}
            {%- do run_query(
                'update ' ~ ops_schema ~ '.release_builds set is_published = false, finished_at = clock_timestamp(), reason = '
                ~ dbt.string_literal(dbt.escape_single_quotes(reason)) ~ " where build_id = '" ~ build_id ~ "'; commit"
            ) -%}
        {%- endif -%}
        {%- set refusal = 'Nothing was published, the marts are as they were: ' ~ reason -%}
        {%- if failed -%}
            {%- do log(refusal, info=true) -%}
        {%- elif reason is not none -%}
            {#- as a statement that fails, so that dbt still prints its summary -#}
            do $refuse$ begin
                raise exception using message = {{ dbt.string_literal(dbt.escape_single_quotes(refusal)) }};
            end $refuse$
        {%- elif part != 'first' -%}
            {%- do run_query(drop_old_releases(ops_schema)) -%}
            {%- do run_query('commit') -%}
            {%- do log('Release ' ~ run_query(
                'select release_number from ' ~ ops_schema ~ '.releases where is_live'
            )[0][0] ~ ' is live in schema ' ~ published_schema(), info=true) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
