# Shared by the scripts of this folder: `source` it first. Works from any folder, with or without make.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

VENV=.venv
export DO_NOT_TRACK=1                    # dbt and friends send nothing home
export DBT_SEND_ANONYMOUS_USAGE_STATS=false
export DBT_PROFILES_DIR="$PWD"

say() { printf '\n\033[1m== %s\033[0m\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# A Python that can make the environment: $PYTHON, or the first of the usual names that is 3.10 or later.
find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.10}; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    die "no Python 3.10 or later with venv was found; install one (Debian: apt install python3-venv) or set PYTHON=/path/to/python3"
}

# setup NAME: the locked packages of requirements/NAME.lock and this project are in .venv. Quick when nothing changed.
setup() {
    local name=$1 lock=requirements/$1.lock stamp=$VENV/.installed-$1 enough
    case $name in  # dev has all of report, which has all of runtime
        runtime) enough='runtime report dev' ;;
        report) enough='report dev' ;;
        *) enough=$name ;;
    esac
    for enough in $enough; do
        if [ -f "$VENV/.installed-$enough" ] &&
            cat "requirements/$enough.lock" pyproject.toml | cmp -s - "$VENV/.installed-$enough"; then
            return
        fi
    done
    if [ ! -x $VENV/bin/python ]; then
        local python
        python=$(find_python)
        say "making $VENV with $("$python" --version)"
        rm -rf $VENV
        "$python" -m venv $VENV
    fi
    say "installing the locked packages of $lock (once, a minute or two)"
    $VENV/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$lock"
    $VENV/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
    cat "$lock" pyproject.toml >"$stamp"
}
