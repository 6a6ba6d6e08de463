#!/usr/bin/env bash
# Makes .venv with the locked packages: `setup.sh` for users, `setup.sh report` with those of the
# report too, `setup.sh dev` with the lint, test and benchmark tools as well.
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
setup "${1:-runtime}"
