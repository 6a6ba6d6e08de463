#!/usr/bin/env bash
# Apache Superset on the built warehouse, in an environment of its own, for this machine alone; Ctrl-C ends it.
#   superset.sh          starts it at http://127.0.0.1:8088 (another port: SUPERSET_PORT=8090)
#   superset.sh test     proves it: two imports, equal figures, a dashboard in the browser, a refused write
source "$(dirname "${BASH_SOURCE[0]}")/_lib.sh"
setup "$([ "${1:-}" = test ] && echo dev || echo report)"

home=$($VENV/bin/python -c 'from nexasat.settings import find_settings; print(find_settings().state)')/superset
lock=bi/superset/requirements.lock
(umask 077 && mkdir -p "$home")
if ! cmp -s "$lock" "${SUPERSET_VENV:=$home/venv}/.installed"; then
    say "installing Superset (once, some minutes, 0.8 GB)"
    rm -rf "$SUPERSET_VENV"
    $VENV/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "Superset needs Python 3.11 or later in .venv"
    $VENV/bin/python -m venv "$SUPERSET_VENV"
    "$SUPERSET_VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    cp "$lock" "$SUPERSET_VENV/.installed"
fi
export SUPERSET_VENV
if [ "${1:-}" = test ]; then
    exec $VENV/bin/python -m pytest python/tests/superset "${@:2}"
fi

export SUPERSET_BIND=127.0.0.1:${SUPERSET_PORT:-8088} SUPERSET_BUNDLE=$home/bundle.zip SUPERSET_READY=$home/ready
if (exec 3<>"/dev/tcp/127.0.0.1/${SUPERSET_PORT:-8088}") 2>/dev/null; then
    die "port ${SUPERSET_PORT:-8088} is in use; another one: SUPERSET_PORT=8090 make superset"
fi
$VENV/bin/nexasat up
eval "$($VENV/bin/nexasat status 2>/dev/null)"
$VENV/bin/nexasat roles >/dev/null
$VENV/bin/nexasat psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --dbname postgres --file bi/superset/metadata.sql
$VENV/bin/nexasat superset --output "$SUPERSET_BUNDLE"
for name in secret_key admin_password; do
    [ -s "$home/$name" ] || (umask 077 && $VENV/bin/python -c 'import secrets; print(secrets.token_urlsafe(32))' >"$home/$name")
done
# a password of the role superset belongs into PGPASSFILE; the embedded server asks for none
: "${SUPERSET_METADATA:=postgresql+psycopg2://superset@/superset?host=$PGHOST&port=${PGPORT:-5432}}"
export SUPERSET_METADATA SUPERSET_SECRETS=$home
unset PGUSER PGPASSWORD
say "Superset: http://$SUPERSET_BIND, user admin, password in $home/admin_password"
export PATH="$SUPERSET_VENV/bin:$PATH"
exec sh bi/superset/start.sh
