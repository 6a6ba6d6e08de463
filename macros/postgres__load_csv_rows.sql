{#
  A column that nobody reads is a typing error that would silently take a condition away, so it is refused.
  dbt's own seed loader dispatches a macro for every cell to print `%s`. The row of placeholders is the same for all
  rows, so it is built once here; the statements that reach PostgreSQL are the same.
#}
{% macro postgres__load_csv_rows(model, agate_table) -%}
    {%- set unknown = agate_table.column_names | map('lower') | reject('in', model['columns']) | list -%}
    {%- if unknown and model['columns'] -%}
        {%- do exceptions.raise_compiler_error(
            model['original_file_path'] ~ ' has a column that nobody reads: ' ~ unknown | join(', ')
            ~ '; it may have ' ~ model['columns'] | join(', ')
        ) -%}
    {%- endif -%}
    {%- set columns = get_seed_column_quoted_csv(model, agate_table.column_names) -%}
    {%- set placeholders = '(' ~ (['%s'] * (agate_table.column_names | length)) | join(', ') ~ ')' -%}
    {%- set statements = [] -%}
    {%- for rows in agate_table.rows | batch(get_batch_size()) -%}
        {%- set statement = 'insert into ' ~ this.render() ~ ' (' ~ columns ~ ') values '
            ~ ([placeholders] * (rows | length)) | join(', ') -%}
        {%- set bindings = [] -%}
        {%- for row in rows -%}
            {%- do bindings.extend(row) -%}
        {%- endfor -%}
        {%- do adapter.add_query(statement, bindings=bindings, abridge_sql_log=True) -%}
        {%- do statements.append(statement) if loop.first -%}
    {%- endfor -%}
    {%- do adapter.add_query('analyze ' ~ this.render()) -%}  {#- no statistics, no sensible plan -#}
    {{ return(statements[0]) }}
{%- endmacro %}
