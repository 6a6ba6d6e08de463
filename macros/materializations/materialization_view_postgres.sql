{# dbt's own sends six statements a view, see `materialization_table_postgres`; here the old one goes and the new one comes in one. #}
{% materialization view, adapter='postgres' %}
    {%- set old_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {% call statement('main') -%}
        {%- if old_relation is not none %}
        {{ get_drop_sql(old_relation) }};
        {%- endif %}
        {{ get_create_view_as_sql(target_relation, sql) }}
        {{ comments_of(target_relation, model) }}
    {%- endcall %}
    {%- do adapter.cache_dropped(old_relation) if old_relation is not none -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do apply_grants(
        target_relation, config.get('grants'), should_revoke=should_revoke(old_relation, full_refresh_mode=True)
    ) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
