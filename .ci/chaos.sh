#!/usr/bin/env bash
# Kills builds at random moments while eight readers watch the marts. Arguments: --kills 200 --seed 1 --stock, see --help.
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
setup dev
unset PGHOST PGHOSTADDR PGSERVICE PGPORT PGUSER PGPASSWORD PGDATABASE NEXASAT_HOME DBT_PROFILES_DIR
PYTHONPATH=python/tests $VENV/bin/python -m chaos "$@"
