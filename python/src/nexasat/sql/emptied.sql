-- Leaves the database as a new one is; in the transaction of a restore, so that a failed one brings all of it back.
do $do$
declare
    thing record;
begin
    for thing in
        select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
    loop
        execute format('drop schema %I cascade', thing.nspname);
    end loop;
    -- those of no schema outlive them, and what is restored would have these rights on top of its own
    for thing in
        select
            defaclrole::regrole as maker,
            case defaclobjtype
                when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'routines' when 'T' then 'types'
                when 'n' then 'schemas'
            end as things,
            case grantee when 0 then 'public' else grantee::regrole::text end as grantee
        from pg_default_acl, aclexplode(defaclacl)
        where defaclnamespace = 0 and grantee <> defaclrole and defaclobjtype in ('r', 'S', 'f', 'T', 'n')
    loop
        execute format(
            'alter default privileges for role %s revoke all on %s from %s', thing.maker, thing.things, thing.grantee
        );
    end loop;
end
$do$;
create schema public authorization pg_database_owner;
comment on schema public is 'standard public schema';
grant usage on schema public to public;
