"""All of a database that a backup must bring back."""

from nexasat import warehouse

State = dict[str, list[tuple[object, ...]]]

RIGHTS = "(select array_agg(each::text order by each::text) from unnest({}) as each)::text"
CATALOGS = {  # rights without their order; that nothing is noted stands for the default
    name: query.replace("%(schemas)s", "any (%(schemas)s)")
    for name, query in {
        "relations": "select oid::regclass::text, relkind::text, relowner::regrole::text, "
        + RIGHTS.format(
            "coalesce(relacl, acldefault("
            "case relkind when 'S' then 's' else 'r' end::\"char\", relowner))"
        )
        + " from pg_class where relnamespace = %(schemas)s and relkind <> 't'",
        "columns": "select attrelid::regclass::text, attname::text, atttypid::regtype::text,"
        " attnotnull from pg_attribute inner join pg_class on attrelid = pg_class.oid"
        " where relnamespace = %(schemas)s and attnum > 0 and not attisdropped",
        # pretty: `between` in an `and` is put into parentheses or not, before and after a restore
        "constraints": "select conrelid::regclass::text, conname::text,"
        " pg_get_constraintdef(oid, true)"
        " from pg_constraint where connamespace = %(schemas)s",
        "schemas": "select nspname::text, nspowner::regrole::text, "
        + RIGHTS.format("coalesce(nspacl, acldefault('n', nspowner))")
        + " from pg_namespace where oid = %(schemas)s",
        "routines": "select oid::regprocedure::text, proowner::regrole::text, md5(prosrc), "
        + RIGHTS.format("coalesce(proacl, acldefault('f', proowner))")
        + " from pg_proc where pronamespace = %(schemas)s or proname ~ '^(lo_|pg_advisory_)'",
        "triggers": "select tgrelid::regclass::text, pg_get_triggerdef(oid) from pg_trigger"
        " where not tgisinternal",
        "default rights": "select defaclrole::regrole::text, defaclobjtype::text,"
        " defaclnamespace::regnamespace::text, "
        + RIGHTS.format("defaclacl")
        + " from pg_default_acl",
        "comments": "select identity, description from pg_description,"
        " lateral pg_identify_object(classoid, objoid, objsubid)"
        " where schema is null or schema !~ '^(pg_|information_schema)'",
        "sequences": "select schemaname::text, sequencename::text, last_value from pg_sequences",
        "database": "select datdba::regrole::text, "
        + RIGHTS.format("coalesce(datacl, acldefault('d', datdba))")
        + " from pg_database where datname = current_database()",
    }.items()
}


def state_of(parameters: dict[str, str]) -> State:
    """Whatever a backup must bring back: rows, definitions, words, owners, rights, counters."""
    with warehouse.connect(parameters) as connection:
        found = warehouse.fetch(
            connection,
            "select array_agg(oid) as oids from pg_namespace where nspname !~ '^pg_'"
            " and nspname <> 'information_schema'",
        )
        schemas = {"schemas": found[0]["oids"]}
        state: State = {
            name: sorted(
                tuple(row.values())
                for row in warehouse.fetch(connection, query, schemas if "%(" in query else ())
            )
            for name, query in CATALOGS.items()
        }
        state["rows"] = [
            (
                name,
                *warehouse.fetch(
                    connection,
                    "select count(*) as n, md5(string_agg(md5(t::text), '' order by t::text)) as m"
                    f" from {name} as t",
                )[0].values(),
            )
            for name, kind, *_ in state["relations"]
            if kind in ("r", "v", "p")
        ]
    assert len(state["rows"]) > 100
    assert len(state["comments"]) > 500
    return state


def differing(found: State, expected: State) -> dict[str, object]:
    """The parts that differ, with what is on one side only."""
    assert found.keys() == expected.keys()
    return {
        name: set(found[name]) ^ set(expected[name])
        for name in found
        if found[name] != expected[name]
    }
