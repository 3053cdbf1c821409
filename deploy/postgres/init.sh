#!/bin/sh
# Run once, by the database's image, when its volume is empty: a database and a user for each service, and no way for one
# into another's. Passwords come from CART_DB_PASSWORD, TRIGGER_DB_PASSWORD, NOTIFIER_DB_PASSWORD,
# CONSOLE_DB_PASSWORD.
set -eu

service() {
  psql --set ON_ERROR_STOP=1 --quiet --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set name="$1" --set password="$2" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}

service cart "$CART_DB_PASSWORD"
service trigger "$TRIGGER_DB_PASSWORD"
service notifier "$NOTIFIER_DB_PASSWORD"
service console "$CONSOLE_DB_PASSWORD"
