#!/bin/sh
# Starts Superset with what the variables say: SUPERSET_SECRETS (a folder with the files secret_key and admin_password),
# SUPERSET_METADATA (its own database), SUPERSET_BUNDLE, SUPERSET_READY (a file that remembers what is set up), SUPERSET_BIND.
set -eu
here=$(dirname "$0")
SUPERSET_SECRET_KEY=$(cat "$SUPERSET_SECRETS/secret_key")
SUPERSET_ADMIN_PASSWORD=$(cat "$SUPERSET_SECRETS/admin_password")
export SUPERSET_SECRET_KEY SUPERSET_ADMIN_PASSWORD
export SUPERSET_CONFIG_PATH="$here/superset_config.py" FLASK_APP='superset.app:create_app()' PYTHONWARNINGS=ignore

# a minute, once for each database and version
wanted="$SUPERSET_METADATA $(python -c "from importlib.metadata import version; print(version('apache-superset'))")"
if [ "$(cat "$SUPERSET_READY" 2>/dev/null)" != "$wanted" ]; then
    echo "superset: making its tables and roles (a minute, once)" >&2
    superset db upgrade >&2
    superset init >&2
    echo "$wanted" >"$SUPERSET_READY"
fi
echo "superset: importing the bundle" >&2
python "$here/set_up.py" "$SUPERSET_BUNDLE" >&2
exec gunicorn --bind "$SUPERSET_BIND" --workers 1 --threads 8 --timeout 60 'superset.app:create_app()'
