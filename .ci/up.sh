#!/usr/bin/env bash
# Starts the embedded PostgreSQL (or checks the one that PGHOST names).
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
setup runtime
$VENV/bin/nexasat up
