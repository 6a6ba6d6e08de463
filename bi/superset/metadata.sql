-- The database in which Superset keeps its own tables; what is there is left alone. Run by a superuser, with psql.
select 'create role superset login nosuperuser nocreatedb nocreaterole' where to_regrole('superset') is null \gexec
select 'create database superset owner superset' where not exists (
    select from pg_database where datname = 'superset'
) \gexec
revoke all on database superset from public;
