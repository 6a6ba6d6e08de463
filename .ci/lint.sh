#!/usr/bin/env bash
# SQL, Python and shell style, and Python types. Needs no server.
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
setup dev
say "sqlfluff: SQL"
$VENV/bin/sqlfluff lint --processes 2 models analyses tests
say "ruff: Python"
$VENV/bin/ruff check python benchmarks
$VENV/bin/ruff format --check python benchmarks
say "mypy: types"
$VENV/bin/mypy
