#!/usr/bin/env bash
# Builds the project from nothing on a server of its own, with unit and data tests, twice over (before the first
# clustering and after it), makes the docs, and lets dbt-bouncer check names, layers, docs, contracts and tests.
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
setup dev

scratch=$(mktemp -d)
chmod 711 "$scratch"  # as root the server runs as another account, which must get through
export NEXASAT_HOME=$scratch/home
trap '$VENV/bin/nexasat down >/dev/null 2>&1 || true; rm -rf "$scratch"' EXIT
unset PGHOST PGHOSTADDR PGSERVICE PGPORT PGUSER PGPASSWORD PGDATABASE
$VENV/bin/nexasat up
eval "$($VENV/bin/nexasat status)"

say "dbt build: seeds, models, unit tests and data tests, before the first clustering"
$VENV/bin/dbt build --quiet --warn-error
say "nexasat cluster, then dbt build again"
$VENV/bin/nexasat cluster
$VENV/bin/dbt build --quiet --warn-error
say "dbt docs generate"
$VENV/bin/dbt docs generate --target bi --quiet --no-compile
if $VENV/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "dbt-bouncer: names, layers, docs, contracts, tests"
    $VENV/bin/dbt-bouncer run
else
    say "dbt-bouncer is skipped: it needs Python 3.11 or later"
fi
