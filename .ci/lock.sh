#!/usr/bin/env bash
# Resolves pyproject.toml anew for every supported Python and platform into requirements/*.lock (versions and hashes, no addresses).
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
command -v uv >/dev/null || die "needs uv: pip install uv"
resolve() {
    local name=$1
    shift
    # setuptools comes along since the project itself is installed without build isolation
    printf 'setuptools>=77\n' | uv pip compile --quiet --universal --no-strip-extras --python-version 3.10 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
        --output-file "requirements/$name.lock" "$@" pyproject.toml -
}
resolve runtime
resolve report --extra report
resolve dev --extra dev
