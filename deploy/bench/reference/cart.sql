-- The cart's hot tables as they were on 2026-11-29, in one file. A yardstick: not to be changed with the service's schema.
CREATE TABLE carts (
    cart_id uuid PRIMARY KEY,
    store_id text NOT NULL CHECK (store_id <> ''),
    customer_id text CHECK (customer_id <> ''),
    guest_token_hash bytea CHECK (octet_length(guest_token_hash) = 32),
    status text NOT NULL CHECK (status IN ('active', 'ordered', 'merged', 'expired')),
    version bigint NOT NULL CHECK (version >= 1),
    currency text CHECK (currency ~ '^[A-Z]{3}$'),
    units integer NOT NULL CHECK (units >= 0),
    total bigint NOT NULL CHECK (total >= 0),
    lines jsonb NOT NULL CHECK (jsonb_typeof(lines) = 'array' AND jsonb_array_length(lines) <= 500),
    recovery_epoch integer NOT NULL DEFAULT 0 CHECK (recovery_epoch >= 0),
    merged_into uuid,
    order_id text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL CHECK (updated_at >= created_at),
    saved jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(saved) = 'array' AND jsonb_array_length(saved) <= 500),
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    share_epoch integer NOT NULL DEFAULT 0 CHECK (share_epoch >= 0),
    CHECK (num_nonnulls(customer_id, guest_token_hash) = 1),
    CHECK ((units = 0) = (jsonb_array_length(lines) = 0)),
    CHECK ((units = 0) = (currency IS NULL)),
    CHECK ((status = 'merged') = (merged_into IS NOT NULL)),
    CHECK ((status = 'ordered') = (order_id IS NOT NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.2);

CREATE INDEX carts_active ON carts (store_id, cart_id) WHERE status = 'active';
CREATE UNIQUE INDEX carts_active_customer ON carts (store_id, customer_id)
    WHERE status = 'active' AND customer_id IS NOT NULL;
CREATE UNIQUE INDEX carts_active_guest ON carts (store_id, guest_token_hash)
    WHERE status = 'active' AND guest_token_hash IS NOT NULL;
CREATE INDEX carts_of_customer ON carts (store_id, customer_id, cart_id DESC) WHERE customer_id IS NOT NULL;

CREATE TABLE idempotency_keys (
    store_id text NOT NULL,
    caller text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    status smallint NOT NULL,
    etag text,
    answer bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    about text,
    PRIMARY KEY (store_id, caller, key)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.5);

CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
CREATE INDEX idempotency_keys_about ON idempotency_keys (store_id, about) WHERE about IS NOT NULL;

CREATE TABLE identities (
    store_id text NOT NULL,
    identity text NOT NULL CHECK (identity <> ''),
    customer_id text NOT NULL CHECK (customer_id <> ''),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, identity),
    CHECK (identity <> customer_id)
);

CREATE TABLE inventory (
    store_id text NOT NULL,
    sku text NOT NULL,
    available bigint NOT NULL CHECK (available >= 0),
    version bigint NOT NULL CHECK (version >= 1),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, sku)
);

CREATE TABLE prices (
    store_id text NOT NULL,
    sku text NOT NULL,
    currency text NOT NULL,
    price bigint NOT NULL CHECK (price >= 0),
    version bigint NOT NULL CHECK (version >= 1),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, sku, currency)
);

CREATE TABLE merges (
    merge_id uuid PRIMARY KEY,
    cart_id uuid NOT NULL REFERENCES carts (cart_id) ON DELETE CASCADE,
    undo_until timestamptz NOT NULL,
    undone_at timestamptz
);

CREATE INDEX merges_of_cart ON merges (cart_id, merge_id DESC);

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL CHECK (topic <> ''),
    key text NOT NULL CHECK (key <> ''),
    value bytea,
    headers text NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0.5, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000
);
