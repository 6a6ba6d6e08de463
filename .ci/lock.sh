#!/usr/bin/env bash
# Resolves pyproject.toml anew for every supported Python and platform into requirements/*.lock (versions and hashes, no addresses).
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
command -v uv >/dev/null || die "needs uv: pip install uv"
lock() {  # lock FILE PYTHON [options and requirements]
    uv pip compile --quiet --universal --no-strip-extras --python-version "$2" --generate-hashes --no-emit-index-url \
        --no-emit-find-links --custom-compile-command "make lock" --output-file "$1" "${@:3}"
}
resolve() {
    # setuptools comes along since the project itself is installed without build isolation
    printf 'setuptools>=77\n' | lock "requirements/$1.lock" 3.10 "${@:2}" pyproject.toml -
}
resolve dev --extra dev
# the same versions in all three, so that one environment can grow into the next
resolve report --extra report --constraint requirements/dev.lock
resolve runtime --constraint requirements/dev.lock
lock bi/superset/requirements.lock 3.11 bi/superset/requirements.in  # an environment of its own; it needs 3.11
