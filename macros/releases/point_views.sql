{#
  PL/pgSQL: turns the views of all marts to the tables of a schema at once. It waits for the readers of one view at a time,
  with nothing in hand, and tries the others without waiting; whichever is in the way comes first in the next attempt. So
  readers never wait for long behind it, and it never waits in a circle with them.
#}
{% macro point_views(schema_name, live_schema) -%}
    declare
        marts text[];
        mart text;
        listed text;
        broken text[];
        changes text;
        dependents text;
        attempts integer := 0;
        patience integer;
        deadline timestamptz := clock_timestamp() + make_interval(secs => {{ var('release_patience') }});
    begin
        {{ refuse_breaking_changes(schema_name, live_schema) }}
        marts := array[
            {%- for id in release_nodes(['model']) %}'{{ graph.nodes[id].alias }}'{{ ', ' if not loop.last }}{% endfor -%}
        ];
        select array_agg(distinct name) into marts from unnest(marts || broken) as name;
        loop
            begin
                patience := least(50 * 2 ^ least(attempts, 7), 5000);  -- longer than most queries
                foreach mart in array marts loop
                    perform set_config('lock_timeout', patience || 'ms', true);
                    {{ point_view(schema_name) }}
                    patience := 20;
                end loop;
                perform set_config('lock_timeout', '0', true);
                exit;
            exception when lock_not_available or deadlock_detected then
                attempts := attempts + 1;
                if clock_timestamp() > deadline then
                    raise exception 'marts.% was in use all the time', mart
                    using hint = 'end the long query, or build again when it is over';
                end if;
                marts := array[mart] || array_remove(marts, mart);
                -- those who queued behind the attempt go first
                perform pg_sleep(least(patience, 200) / 1000.0);
            end;
        end loop;
        {{ copy_comments(schema_name) }}
    end;
{%- endmacro %}
