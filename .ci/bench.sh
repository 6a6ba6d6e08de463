#!/usr/bin/env bash
# The benchmarks, on a server of their own: `bench.sh [customers ...] [--write]`; the method is in benchmarks/README.md.
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
setup dev
exec $VENV/bin/python benchmarks/run.py "$@"
