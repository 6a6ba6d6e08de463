#!/usr/bin/env bash
# Stops the embedded server and removes all that can be made again. The loaded extract goes too.
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
[ -x $VENV/bin/nexasat ] && $VENV/bin/nexasat down
if [ -f .nexasat/WHERE ]; then
    echo "the data of the embedded server lie elsewhere and stay: $(cat .nexasat/WHERE)" >&2
fi
rm -rf .nexasat .venv target logs site .mypy_cache .ruff_cache .pytest_cache .hypothesis
