-- One row per role: what it may do, whether all of that holds and nothing more, and its kind of password.
with project_schemas as (
    select oid, nspname, nspowner
    from pg_namespace
    where nspname ~ '^(raw|config|staging|intermediate|marts(__.+)?|ml|ops|snapshots|audit)$'
),

things as (
    select
        project_schemas.nspname, pg_class.oid, relowner as owner, true as is_relation,
        relname like 'extract\_%' as is_loaded
    from pg_class
    inner join project_schemas on pg_class.relnamespace = project_schemas.oid
    where relkind in ('r', 'p', 'v', 'm', 'f')
    union all
    select project_schemas.nspname, pg_proc.oid, proowner, false, false
    from pg_proc
    inner join project_schemas on pg_proc.pronamespace = project_schemas.oid
),

logins as (
    select
        roles.oid,
        roles.rolname,
        roles.rolcanlogin,
        case
            when not roles.rolcanlogin then ''
            when roles.rolpassword is null then 'none'
            when roles.rolpassword like 'SCRAM-SHA-256$%' then 'SCRAM'
            else 'not SCRAM'
        end as password,
        not (rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls) as is_plain,
        coalesce((
            select string_agg(configured, ' ') from pg_db_role_setting, unnest(setconfig) as configured
            where setrole = roles.oid and setdatabase = 0
        ), '') as settings
    from pg_authid as roles
),

-- what a role could reach beyond its own: each must be false
reached as (
    select
        logins.oid,
        exists (
            select from project_schemas
            where has_schema_privilege(logins.oid, project_schemas.oid, 'usage')
                and nspname <> 'marts'
        ) as opens_other_schemas,
        exists (
            select from project_schemas
            where has_schema_privilege(logins.oid, project_schemas.oid, 'usage')
                and nspname <> 'raw'
        ) as opens_other_than_raw,
        exists (
            select from pg_namespace
            where nspname !~ '^pg_' and has_schema_privilege(logins.oid, oid, 'create')
        ) as makes_relations,
        exists (
            select from things
            where is_relation
                and has_table_privilege(logins.oid, oid, 'insert, update, delete, truncate, references, trigger')
        ) as writes,
        exists (
            select from things where nspname = 'marts' and is_relation and not has_table_privilege(logins.oid, oid, 'select')
        ) as misses_marts,
        exists (
            select from pg_auth_members
            where member = logins.oid and roleid is distinct from to_regrole('nexasat_reader')
        ) as is_member_of_others,
        has_database_privilege(logins.oid, current_database(), 'create, temporary') as makes_schemas_or_temporary,
        has_function_privilege(logins.oid, 'pg_advisory_lock(bigint)', 'execute')
        or has_function_privilege(logins.oid, 'lo_create(oid)', 'execute') as calls_what_writes
    from logins
),

rules as (
    select
        'nexasat_owner' as role_name,
        'owns the database; nobody logs in as it' as may,
        not rolcanlogin and is_plain
        and exists (select from pg_database where datname = current_database() and datdba = logins.oid) as is_well
    from logins
    where rolname = 'nexasat_owner'
    union all
    select
        'nexasat_loader',
        'loads into schema raw, opens no other',
        rolcanlogin and is_plain
        and has_database_privilege(oid, current_database(), 'temporary')
        and not has_database_privilege(oid, current_database(), 'create')
        and not (select opens_other_than_raw from reached where reached.oid = logins.oid)
        and exists (select from project_schemas where nspname = 'raw' and nspowner = logins.oid)
        and not exists (select from things where nspname = 'raw' and is_loaded and owner <> logins.oid)
    from logins
    where rolname = 'nexasat_loader'
    union all
    select
        'nexasat_transformer',
        'runs dbt and nexasat build: owns all other schemas, is no superuser',
        rolcanlogin and is_plain
        and has_database_privilege(oid, current_database(), 'create')
        and has_database_privilege(oid, current_database(), 'temporary')
        and pg_has_role(oid, to_regrole('nexasat_loader'), 'usage')
        and pg_has_role(oid, to_regrole('nexasat_loader'), 'set')
        and settings ~ 'client_connection_check_interval='
        and not exists (select from project_schemas where nspname <> 'raw' and nspowner <> logins.oid)
        and not exists (select from things where (nspname <> 'raw' or not is_loaded) and owner <> logins.oid)
    from logins
    where rolname = 'nexasat_transformer'
    union all
    select
        rolname,
        case
            when rolname = 'nexasat_reader' then 'reads schema marts and nothing else; its members log in'
            else 'logs in and reads as nexasat_reader, with time limits'
        end,
        is_plain
        and (
            rolname = 'nexasat_reader' and not rolcanlogin
            or rolname <> 'nexasat_reader' and rolcanlogin
            and settings ~ '\mstatement_timeout=' and settings ~ 'idle_in_transaction_session_timeout='
            and pg_has_role(logins.oid, to_regrole('nexasat_reader'), 'usage')
        )
        and has_schema_privilege(logins.oid, to_regnamespace('marts'), 'usage')
        and not (
            opens_other_schemas or makes_relations or writes or misses_marts or is_member_of_others
            or makes_schemas_or_temporary or calls_what_writes
        )
    from logins
    inner join reached on logins.oid = reached.oid
    where
        rolname in ('nexasat_reader', 'bi_reader', 'analyst')
        or logins.oid in (select member from pg_auth_members where roleid = to_regrole('nexasat_reader'))
    union all
    select
        'everybody else',
        'nothing in this database',
        not has_database_privilege('public', current_database(), 'connect, create, temporary')
        and not has_schema_privilege('public', 'public', 'create')
    where exists (select from pg_roles where rolname = 'nexasat_owner')
)

select
    rules.role_name,
    rules.may,
    coalesce(rules.is_well, false) and coalesce(logins.password, '') <> 'not SCRAM' as is_well,
    coalesce(logins.password, '') as password
from rules
left join logins on rules.role_name = logins.rolname
order by
    coalesce(
        array_position(
            array['nexasat_owner', 'nexasat_loader', 'nexasat_transformer', 'nexasat_reader', 'bi_reader', 'analyst'],
            cast(rules.role_name as text)
        ),
        case when rules.role_name = 'everybody else' then 99 else 9 end
    ),
    rules.role_name;
