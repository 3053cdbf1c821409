-- Keys that are made and revoked while the service runs. A running release knows nothing of them. Of a key only its
-- SHA-256 is kept: 256 random bits need no slow hash. One row is one name, with the secret it goes by and, for a while
-- after a rotation, the one before it: more than two are never live.
CREATE TABLE api_keys (
    key_id text PRIMARY KEY CHECK (key_id ~ '^[0-9a-f]{16}$'),
    store_id text, -- NULL: installation-wide, for ops
    kind text NOT NULL CHECK (kind IN ('publishable', 'secret')),
    name text NOT NULL CHECK (name <> ''),
    scopes text[] NOT NULL,
    origins text[] NOT NULL,
    hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    previous_hash bytea UNIQUE CHECK (octet_length(previous_hash) = 32),
    previous_until timestamptz,
    created_at timestamptz NOT NULL,
    rotated_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz,
    used_at timestamptz, -- to the hour, and
    previous_used_at timestamptz, -- who still goes by the secret before the last rotation
    CHECK ((previous_hash IS NULL) = (previous_until IS NULL)),
    CHECK (kind = 'secret' OR (store_id IS NOT NULL AND scopes = '{}')),
    CHECK (kind = 'publishable' OR origins = '{}')
);
CREATE UNIQUE INDEX api_keys_names ON api_keys (coalesce(store_id, ''), name) WHERE revoked_at IS NULL;

-- What ops and servers changed in how the service works, and for whom: appended in the transaction of the change.
-- Customers stand in it under a keyed hash of their id, so that there is nothing personal to erase.
CREATE TABLE audit_log (
    audit_id uuid PRIMARY KEY, -- UUIDv7: in the order of time
    at timestamptz NOT NULL,
    store_id text, -- NULL: the whole installation
    actor text NOT NULL, -- k:key id, s: a secret key of the store's settings, o: of the service's, cli: the command line
    action text NOT NULL CHECK (action ~ '^[a-z_]+\.[a-z_]+$'), -- key.revoked
    subject text NOT NULL,
    request_id text -- as the caller named it (X-Request-Id)
);
CREATE INDEX audit_log_of_store ON audit_log (store_id, audit_id);
