#!/usr/bin/env bash
# Everything that proves the project: what `make test` and CI run. Arguments go to pytest.
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
setup dev
.ci/lint.sh
.ci/conventions.sh
say "pytest"
$VENV/bin/python -m pytest "$@"
