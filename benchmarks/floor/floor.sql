-- The floor: the relations of the warehouse by hand, in one psql session and one transaction.
--
--   psql -X -q -v ON_ERROR_STOP=1 -v load_id=1 -v extract_date=2023-07-31 -f floor.sql
--
-- It runs in a folder with extract.csv, config/ (the seeds) and clusters/ (runs, scalers and centroids of a training).
-- Same columns, types, keys and contents as the marts, the raw rows and the checked rows, which run.py compares; the
-- views, comments and data tests of dbt are left out. Tables are made by `create table as`, which may run in parallel,
-- and get their keys when they are full.

begin;
\ir config.sql
\ir load.sql
\ir check.sql
\ir core.sql
\ir retention.sql
\ir value.sql
\ir clusters.sql
\ir segments.sql
\ir offers.sql
\ir quality.sql
commit;
