#!/usr/bin/env bash
# A database and a role for each service, on an empty server: nobody but the service may connect.
# What they are called and how they sign in is read from the very URLs the services are given,
# postgresql://role:password@host:port/database (passwords without `'`, `\`, `@`, `:` or `/`).
set -euo pipefail
secrets=${SECRETS:-/run/secrets}

for file in "$secrets"/*_database_url; do
  url=$(<"$file")
  [[ $url =~ ^postgresql://([a-z_]+):([^:@/\'\\]+)@[^/]+/([a-z_]+)$ ]] || {
    echo "$file does not hold a URL of the expected shape" >&2
    exit 1
  }
  role=${BASH_REMATCH[1]} password=${BASH_REMATCH[2]} database=${BASH_REMATCH[3]}
  psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 \
    --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-postgres}" <<SQL
CREATE ROLE $role LOGIN PASSWORD '$password' NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE DATABASE $database OWNER $role;
REVOKE ALL ON DATABASE $database FROM PUBLIC;
SQL
  echo "made database $database for $role"
done
