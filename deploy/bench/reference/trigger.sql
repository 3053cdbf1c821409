-- The trigger's hot tables as they were on 2026-11-29, in one file. A yardstick: not to be changed with the service's
-- schema.
CREATE TABLE carts (
    cart_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    customer_id text,
    version bigint NOT NULL CHECK (version > 0),
    quiet_since timestamptz NOT NULL,
    units bigint NOT NULL CHECK (units >= 0),
    total bigint NOT NULL CHECK (total >= 0),
    currency text,
    closed_at timestamptz,
    decided_until timestamptz NOT NULL CHECK (decided_until >= quiet_since),
    due_at timestamptz,
    partition integer NOT NULL
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.2);

CREATE INDEX carts_due ON carts (partition, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX carts_closed ON carts (closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX carts_of_customer ON carts (store_id, customer_id) WHERE customer_id IS NOT NULL;

CREATE TABLE holdings (
    cart_id uuid NOT NULL,
    sku text NOT NULL,
    store_id text NOT NULL,
    customer_id text NOT NULL,
    units bigint NOT NULL CHECK (units > 0),
    touched_at timestamptz NOT NULL,
    PRIMARY KEY (cart_id, sku)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX holdings_of_item ON holdings (store_id, sku, touched_at, cart_id) INCLUDE (customer_id);

CREATE TABLE partition_progress (
    partition integer PRIMARY KEY,
    read_until timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE decisions (
    reminder_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    customer_id text,
    campaign text NOT NULL,
    step integer NOT NULL CHECK (step > 0),
    channel text NOT NULL,
    cart_id uuid NOT NULL,
    cart_version bigint NOT NULL,
    sku text,
    due_at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('would_send', 'skipped')),
    reason text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX decisions_of_customer ON decisions (store_id, customer_id, decided_at);
CREATE INDEX decisions_old ON decisions USING brin (decided_at);

CREATE TABLE stock_levels (
    store_id text NOT NULL,
    sku text NOT NULL,
    campaign text NOT NULL,
    level bigint NOT NULL CHECK (level >= 0),
    version bigint NOT NULL CHECK (version > 0),
    armed boolean NOT NULL,
    PRIMARY KEY (store_id, sku, campaign)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE fan_outs (
    crossing_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    campaign text NOT NULL,
    sku text NOT NULL,
    level bigint NOT NULL,
    level_version bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    remaining bigint NOT NULL CHECK (remaining >= 0),
    told bigint NOT NULL DEFAULT 0,
    cursor_touched_at timestamptz NOT NULL DEFAULT 'infinity',
    cursor_cart_id uuid NOT NULL DEFAULT 'ffffffff-ffff-ffff-ffff-ffffffffffff',
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'expired', 'restocked', 'switched_off', 'failed')),
    threshold bigint CHECK (threshold >= 0)
);

CREATE INDEX fan_outs_open ON fan_outs (occurred_at) WHERE state = 'open';

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

-- who was erased: asked by every batch, as the service does
CREATE TABLE erasure_salt (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    salt text NOT NULL
);
INSERT INTO erasure_salt (salt) VALUES (gen_random_uuid()::text || gen_random_uuid()::text);

CREATE TABLE erased_customers (
    mark bytea PRIMARY KEY CHECK (octet_length(mark) = 32),
    erased_until timestamptz NOT NULL,
    profile_version bigint NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now()
);
