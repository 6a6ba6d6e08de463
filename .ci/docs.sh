#!/usr/bin/env bash
# Writes the dbt docs of the built warehouse to target/ (open target/static_index.html).
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
setup runtime
$VENV/bin/nexasat dbt docs generate --target bi --static --quiet
echo "open target/static_index.html"
