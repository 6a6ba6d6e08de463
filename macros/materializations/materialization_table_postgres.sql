{#
  dbt's own sends six statements a table: make it under another name, move the old one away, rename the new one, comments,
  commit, drop the old one. Each costs dbt 10 ms, several times what the SQL of a small table takes. Here the first four are
  one, and a table that was not there before is made under its own name.
#}
{% materialization table, adapter='postgres' %}
    {%- set old_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set new_relation = target_relation if old_relation is none else make_intermediate_relation(target_relation) -%}
    {%- set backup_relation = make_backup_relation(target_relation, old_relation.type if old_relation else 'table') -%}

    {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}  {#- of a build that was killed -#}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('main') -%}
        {{ get_create_table_as_sql(False, new_relation, sql) }}
        {%- if old_relation is not none %}
        {{ get_rename_sql(old_relation, backup_relation.identifier) }};
        {{ get_rename_sql(new_relation, target_relation.identifier) }};
        {%- endif %}
        {{ comments_of(target_relation, model) }}
    {%- endcall %}
    {%- if old_relation is not none -%}
        {%- do adapter.cache_renamed(old_relation, backup_relation) -%}
    {%- endif -%}

    {%- do create_indexes(target_relation) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do apply_grants(
        target_relation, config.get('grants'), should_revoke=should_revoke(old_relation, full_refresh_mode=True)
    ) -%}
    {{ adapter.commit() }}

    {#- after the commit: with it goes a lock on each table that a key of the old one points at -#}
    {%- if old_relation is not none -%}{{ drop_relation_if_exists(backup_relation) }}{%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
