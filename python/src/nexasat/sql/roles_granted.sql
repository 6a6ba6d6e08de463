-- What the roles own and may do in this database (D-050); run after roles_made.sql, by a superuser.
do $do$
declare
    everybody constant text := 'public, nexasat_reader, ' || (
        select string_agg(member::regrole::text, ', ') from pg_auth_members
        where roleid = 'nexasat_reader'::regrole
    );
    project_schemas constant text := '^(raw|config|staging|intermediate|marts(__.+)?|ml|ops|snapshots|audit)$';
    thing record;
begin
    for thing in
        select datname as name, datdba as owner from pg_database where datname = current_database()
    loop
        if thing.owner <> 'nexasat_owner'::regrole then
            execute format('alter database %I owner to nexasat_owner', thing.name);
        end if;
        execute format('revoke all on database %I from %s', thing.name, everybody);
        execute format('grant connect on database %I to nexasat_reader', thing.name);
        execute format('grant connect, temporary on database %I to nexasat_loader', thing.name);
        -- without `temporary` it is the second build that fails
        execute format('grant connect, create, temporary on database %I to nexasat_transformer', thing.name);
    end loop;
    revoke create on schema public from public;

    if to_regnamespace('raw') is null then
        create schema raw authorization nexasat_loader;
    end if;
    if to_regnamespace('marts') is null then
        create schema marts authorization nexasat_transformer;
    end if;
    for thing in
        select
            format('alter schema %I owner to %I', nspname, wanted) as owned,
            nspowner <> wanted::regrole as is_of_another,
            format('schema %I', nspname) as name,
            format('all tables in schema %I', nspname) as tables,
            format('all sequences in schema %I', nspname) as sequences,
            format('all routines in schema %I', nspname) as routines,
            everybody || case when nspname = 'raw' then '' else ', nexasat_loader' end as others
        from (
            select *, case when nspname = 'raw' then 'nexasat_loader' else 'nexasat_transformer' end as wanted
            from pg_namespace
            where nspname ~ project_schemas
        ) as schemas
    loop
        if thing.is_of_another then
            execute thing.owned;
        end if;
        execute format('revoke all on %s from %s', thing.name, thing.others);
        execute format('revoke all on %s from %s', thing.tables, thing.others);
        execute format('revoke all on %s from %s', thing.sequences, thing.others);
        execute format('revoke all on %s from %s', thing.routines, thing.others);
    end loop;

    for thing in
        select format('alter table %I.%I owner to %I', nspname, relname, wanted) as owned
        from (
            select
                nspname,
                relname,
                relowner,
                case
                    when nspname <> 'raw' then 'nexasat_transformer'
                    when relname like 'extract\_%' then 'nexasat_loader'
                    else 'nexasat_transformer'  -- the seed
                end as wanted
            from pg_class
            inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
            where
                nspname ~ project_schemas
                and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
                and not exists (  -- the sequence of a column goes with its table
                    select from pg_depend
                    where objid = pg_class.oid and relkind = 'S' and deptype in ('a', 'i')
                )
        ) as relations
        where relowner <> wanted::regrole
        union all
        select format('alter routine %s owner to nexasat_transformer', pg_proc.oid::regprocedure)
        from pg_proc
        inner join pg_namespace on pg_proc.pronamespace = pg_namespace.oid
        where nspname ~ project_schemas and proowner <> 'nexasat_transformer'::regrole
    loop
        execute thing.owned;
    end loop;

    -- of what everybody may call by default: writing large objects or the log, and holding builds up by their lock
    for thing in
        select oid::regprocedure as name from pg_proc
        where pronamespace = 'pg_catalog'::regnamespace and (
            proname ~ '^pg_(try_)?advisory_'
            or proname in ('lo_creat', 'lo_create', 'lo_from_bytea', 'pg_logical_emit_message')
        )
    loop
        execute format('revoke execute on function %s from %s', thing.name, everybody);
        execute format('grant execute on function %s to nexasat_loader', thing.name);
    end loop;
end
$do$;

grant usage on schema marts to nexasat_reader;
grant select on all tables in schema marts to nexasat_reader;
grant execute on all functions in schema marts to nexasat_reader;

alter default privileges for role nexasat_transformer revoke execute on routines from public;
do $do$
declare
    builder regrole;
begin
    -- who made the roles may build too, as a superuser does on the embedded server
    for builder in select unnest(array['nexasat_transformer'::regrole, session_user::regrole]) loop
        execute format(
            'alter default privileges for role %s in schema marts grant select on tables to nexasat_reader', builder
        );
        execute format(
            'alter default privileges for role %s in schema marts grant execute on routines to nexasat_reader', builder
        );
    end loop;
    -- a view of the transformer reads by its rights, also a table that a superuser has built anew
    if session_user <> 'nexasat_transformer' then
        execute format(
            'alter default privileges for role %I grant select on tables to nexasat_transformer', session_user
        );
    end if;
end
$do$;
