#!/usr/bin/env bash
# The main job: environment, server, marts, clusters, summary. Options go to `nexasat build`.
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
setup runtime
$VENV/bin/nexasat build "$@"
