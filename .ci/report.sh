#!/usr/bin/env bash
# The report of the built warehouse, in site/: installs its packages first. Options go to `nexasat report`.
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
setup report
$VENV/bin/nexasat report "$@"
