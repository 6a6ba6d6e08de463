{#
  PL/pgSQL: finds what readers of the live release would miss, which are columns that are gone or of another type, and whole
  marts. It stops there unless the variable `allow_breaking` is set, and always while other people's views hang on one of
  them: they are never dropped.
#}
{% macro refuse_breaking_changes(schema_name, live_schema) -%}
    {%- set marts = published_schema() -%}
    select
        array_agg(distinct seen.relname), string_agg(
            distinct seen.relname || case when made.oid is null then '' else '.' || columns_seen.attname end, ', '
        )
    into broken, changes
    from pg_class as seen
    inner join pg_class as ours
        on seen.relname = ours.relname and ours.relnamespace = to_regnamespace({{ live_schema }}) and ours.relkind = 'r'
    inner join pg_attribute as columns_seen
        on seen.oid = columns_seen.attrelid and columns_seen.attnum > 0 and not columns_seen.attisdropped
    left join pg_class as made
        on seen.relname = made.relname and made.relnamespace = to_regnamespace({{ schema_name }}) and made.relkind = 'r'
    left join pg_attribute as columns_made
        on
            made.oid = columns_made.attrelid and columns_seen.attname = columns_made.attname
            and not columns_made.attisdropped
            and format_type(columns_seen.atttypid, columns_seen.atttypmod)
            = format_type(columns_made.atttypid, columns_made.atttypmod)
    where seen.relnamespace = to_regnamespace('{{ marts }}') and seen.relkind = 'v' and columns_made.attname is null;
    select string_agg(distinct pg_rewrite.ev_class::regclass::text, ', ') into dependents
    from pg_depend
    inner join pg_rewrite on pg_depend.classid = 'pg_rewrite'::regclass and pg_depend.objid = pg_rewrite.oid
    inner join pg_class on pg_depend.refobjid = pg_class.oid
    where
        pg_class.relnamespace = to_regnamespace('{{ marts }}') and pg_class.relname = any(broken)
        and pg_rewrite.ev_class != pg_class.oid;
    if broken is not null and not {{ var('allow_breaking') | string | lower }} then
        raise exception 'readers would miss or find another type of: %', changes
        using hint = format(
            'Views that hang on these marts: %s. If you mean it: nexasat build --allow-breaking, or with dbt: --vars '
            '"allow_breaking: true"', coalesce(dependents, 'none')
        );
    elsif dependents is not null then
        raise exception 'views of other people hang on marts that would change: %', dependents
        using hint = format('drop them first, build, and make them anew without: %s', changes);
    end if;
{%- endmacro %}
