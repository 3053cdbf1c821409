-- One row per cart: a decision sees the whole cart, an event carries the whole state, a command is one statement.
CREATE TABLE carts (
    cart_id uuid PRIMARY KEY,
    store_id text NOT NULL CHECK (store_id <> ''),
    customer_id text CHECK (customer_id <> ''),
    guest_token_hash bytea CHECK (octet_length(guest_token_hash) = 32), -- the token itself is nowhere
    status text NOT NULL CHECK (status IN ('active', 'ordered', 'merged', 'expired')),
    version bigint NOT NULL CHECK (version >= 1),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    units integer NOT NULL CHECK (units >= 0),
    total bigint NOT NULL CHECK (total >= 0), -- minor units of currency
    lines jsonb NOT NULL CHECK (jsonb_typeof(lines) = 'array' AND jsonb_array_length(lines) <= 500),
    recovery_epoch integer NOT NULL DEFAULT 0 CHECK (recovery_epoch >= 0),
    merged_into uuid,
    order_id text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (num_nonnulls(customer_id, guest_token_hash) = 1), -- a customer's or a guest's, never both
    CHECK ((units = 0) = (jsonb_array_length(lines) = 0)),
    CHECK ((units = 0) = (currency IS NULL)),
    CHECK ((status = 'merged') = (merged_into IS NOT NULL)),
    CHECK ((status = 'ordered') = (order_id IS NOT NULL)),
    CHECK (updated_at >= created_at)
) WITH (
    -- room on each page for the next version of its rows: no index is touched by a change of lines
    fillfactor = 70
);

-- One active cart of a customer in a store, and of a guest's token. Log out and in again: still one.
CREATE UNIQUE INDEX carts_active_customer ON carts (store_id, customer_id)
    WHERE status = 'active' AND customer_id IS NOT NULL;
CREATE UNIQUE INDEX carts_active_guest ON carts (store_id, guest_token_hash)
    WHERE status = 'active' AND guest_token_hash IS NOT NULL;
-- A customer's carts, newest first (cart ids are UUIDv7).
CREATE INDEX carts_of_customer ON carts (store_id, customer_id, cart_id DESC) WHERE customer_id IS NOT NULL;

CREATE TABLE orders (
    store_id text NOT NULL,
    order_id text NOT NULL,
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32), -- of the payload: the same order again, or another
    customer_id text,
    currency text,
    total bigint CHECK (total >= 0),
    closed_carts uuid[] NOT NULL,
    placed_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, order_id)
);

CREATE TABLE inventory (
    store_id text NOT NULL,
    sku text NOT NULL,
    available bigint NOT NULL CHECK (available >= 0),
    version bigint NOT NULL CHECK (version >= 1),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, sku)
);

-- Versions of profiles come from one sequence, so that they grow for a customer who was erased and comes back.
CREATE SEQUENCE profile_versions;
CREATE TABLE profiles (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    version bigint NOT NULL,
    email text,
    phone text CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'), -- E.164
    name text,
    locale text NOT NULL,
    timezone text,
    email_consent boolean NOT NULL,
    sms_consent boolean NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, customer_id)
);

-- First answers of writes that came with an Idempotency-Key, replayed for 24 hours.
CREATE TABLE idempotency_keys (
    store_id text NOT NULL,
    caller text NOT NULL, -- whose key it is: c:customer, g:hash of a guest's token, s: the store's servers
    key text NOT NULL,
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32), -- keyed hash of the request
    status smallint NOT NULL,
    etag text,
    answer bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, caller, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

-- The outbox of a service. Copied word for word into the service's first migration (a test holds them equal).
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- who wrote the row: the relay reads behind the horizon of transactions that are still open
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    topic text NOT NULL CHECK (topic <> ''),
    key text NOT NULL CHECK (key <> ''),
    value bytea, -- NULL is a tombstone
    headers text NOT NULL -- JSON object of strings
) WITH (
    -- rows live for milliseconds: vacuum by count, not by share
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0.5, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000
);
