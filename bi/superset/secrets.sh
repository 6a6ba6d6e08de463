#!/usr/bin/env bash
# For Docker, whose server asks for passwords: the database of Superset, and what is secret, in a folder.
set -euo pipefail
folder=$1
umask 077
for name in secret_key admin_password; do
    [ -s "$folder/$name" ] || head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"$folder/$name"
done
psql --quiet --no-psqlrc --dbname postgres --file "$(dirname "$0")/metadata.sql"
if ! grep -q ':superset:superset:' "$folder/pgpass" 2>/dev/null; then
    password=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
    echo "*:*:superset:superset:$password" >>"$folder/pgpass"
    psql --quiet --no-psqlrc --dbname postgres --set password="$password" <<<"alter role superset password :'password'"
fi
