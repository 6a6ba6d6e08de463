#!/usr/bin/env bash
# For Docker, whose server asks for passwords: the database of Superset, and what is secret, in a folder.
set -euo pipefail
folder=$1
umask 077
for name in secret_key admin_password; do
    [ -s "$folder/$name" ] || head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"$folder/$name"
done
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --dbname postgres --file "$(dirname "$0")/metadata.sql"
if ! grep -q ':superset:superset:' "$folder/pgpass" 2>/dev/null; then
    password=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
    # by standard input, since others can read the words of a command; noted when it is in force
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --dbname postgres <<<"alter role superset password '$password'"
    echo "*:*:superset:superset:$password" >>"$folder/pgpass"
fi
