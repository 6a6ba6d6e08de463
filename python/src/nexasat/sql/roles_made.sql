-- The roles of the server (D-050). What is as it should be is left alone, timeouts that somebody chose too.
do $do$
declare
    wanted record;
begin
    for wanted in
        select * from (values
            ('nexasat_owner', 'nologin'),
            ('nexasat_loader', 'login'),
            ('nexasat_transformer', 'login'),
            ('nexasat_reader', 'nologin'),
            ('bi_reader', 'login'),
            ('analyst', 'login')
        ) as wanted (name, login)
    loop
        if to_regrole(wanted.name) is null then
            execute format('create role %I', wanted.name);
        end if;
        if exists (
            select from pg_roles
            where rolname = wanted.name and (
                rolcanlogin <> (wanted.login = 'login') or rolsuper or rolcreatedb or rolcreaterole
                or rolreplication or rolbypassrls or not rolinherit
            )
        ) then
            execute format(
                'alter role %I %s nosuperuser nocreatedb nocreaterole noreplication nobypassrls inherit',
                wanted.name, wanted.login
            );
        end if;
    end loop;
end
$do$;

-- the transformer fills raw too, in `nexasat build --csv`; `set` lets it leave the tables to the loader
grant nexasat_loader to nexasat_transformer with inherit true, set true;
grant nexasat_reader to bi_reader, analyst with inherit true, set false;

do $do$
declare
    stray record;
    missing record;
begin
    for stray in
        select roleid::regrole as granted, member::regrole as member, grantor::regrole as grantor
        from pg_auth_members
        where
            member in ('nexasat_reader'::regrole, 'bi_reader'::regrole, 'analyst'::regrole)
            and roleid <> 'nexasat_reader'::regrole
    loop
        execute format('revoke %s from %s granted by %s cascade', stray.granted, stray.member, stray.grantor);
    end loop;
    for missing in
        with settings (role, setting, wanted) as (
            -- publishing waits a minute for old snapshots; a dashboard must not outlast it
            select member, 'statement_timeout', '30s' from pg_auth_members where roleid = 'nexasat_reader'::regrole
            union all
            select member, 'idle_in_transaction_session_timeout', '15s'
            from pg_auth_members
            where roleid = 'nexasat_reader'::regrole
            union all
            -- a killed dbt lets go of its locks at once, on servers that do not ask for it themselves
            select 'nexasat_transformer'::regrole, 'client_connection_check_interval', '1s'
            union all
            select 'nexasat_transformer'::regrole, 'idle_in_transaction_session_timeout', '10min'
            union all
            select oid, 'password_encryption', 'scram-sha-256'
            from pg_roles
            where rolname in ('nexasat_loader', 'nexasat_transformer', 'bi_reader', 'analyst')
        )

        select settings.role::regrole as role, settings.setting, settings.wanted
        from settings
        where not exists (
            select from pg_db_role_setting, unnest(setconfig) as configured
            where setrole = settings.role and setdatabase = 0 and split_part(configured, '=', 1) = settings.setting
        )
    loop
        execute format('alter role %s set %s = %L', missing.role, missing.setting, missing.wanted);
    end loop;
end
$do$;
