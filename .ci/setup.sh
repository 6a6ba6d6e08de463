#!/usr/bin/env bash
# Makes .venv with the locked packages: `setup.sh` for users, `setup.sh dev` with the lint, test and benchmark tools too.
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
setup "${1:-runtime}"
