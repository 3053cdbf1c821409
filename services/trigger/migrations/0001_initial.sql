-- One row per cart: the cart as its newest event tells it, and its timer.
--
-- A change of the cart updates the row without moving due_at later: the timer is armed once and looked at when due. Such
-- an update touches no index (HOT), which is why the fill factor leaves room on each page.
CREATE TABLE carts (
    cart_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    customer_id text, -- NULL is a guest
    version bigint NOT NULL CHECK (version > 0),
    quiet_since timestamptz NOT NULL, -- when the newest event occurred
    units bigint NOT NULL CHECK (units >= 0),
    total bigint NOT NULL CHECK (total >= 0), -- minor units of the currency
    currency text,
    closed_at timestamptz, -- for ever
    -- what was due before this moment has been decided; a new episode starts at its own beginning
    decided_until timestamptz NOT NULL CHECK (decided_until >= quiet_since),
    due_at timestamptz, -- when to look at the cart, never later than its next step; NULL is never
    partition integer NOT NULL -- of cart.events, from which the newest event came
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.2);

CREATE INDEX carts_due ON carts (partition, due_at) WHERE due_at IS NOT NULL;
-- of a column of its own: an index on quiet_since would end HOT for every change
CREATE INDEX carts_closed ON carts (closed_at) WHERE closed_at IS NOT NULL;

-- Who holds which item in an open cart. Guests are left out: nobody can be told.
CREATE TABLE holdings (
    cart_id uuid NOT NULL,
    sku text NOT NULL,
    store_id text NOT NULL,
    customer_id text NOT NULL,
    units bigint NOT NULL CHECK (units > 0),
    touched_at timestamptz NOT NULL, -- when the units of this item in this cart last changed
    PRIMARY KEY (cart_id, sku)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);

-- the order in which a fan-out reads, newest first, without touching the table
CREATE INDEX holdings_of_item ON holdings (store_id, sku, touched_at, cart_id) INCLUDE (customer_id);

-- Up to when everything that occurred has been read from each partition of cart.events and is in this database.
CREATE TABLE partition_progress (
    partition integer PRIMARY KEY,
    read_until timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Since when each campaign is switched on. The store '*' stands for every store without a campaign file of its own.
CREATE TABLE campaign_activations (
    store_id text NOT NULL,
    campaign text NOT NULL,
    active_since timestamptz NOT NULL,
    PRIMARY KEY (store_id, campaign)
);

-- Why each reminder was asked for or not. The key makes a second decision about the same facts impossible.
CREATE TABLE decisions (
    reminder_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    customer_id text,
    campaign text NOT NULL,
    step integer NOT NULL CHECK (step > 0),
    channel text NOT NULL,
    cart_id uuid NOT NULL,
    cart_version bigint NOT NULL,
    sku text, -- of low stock
    due_at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('would_send', 'skipped')),
    reason text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX decisions_of_customer ON decisions (store_id, customer_id, decided_at);
CREATE INDEX decisions_old ON decisions USING brin (decided_at);

-- An item's level as each low-stock campaign sees it.
CREATE TABLE stock_levels (
    store_id text NOT NULL,
    sku text NOT NULL,
    campaign text NOT NULL,
    level bigint NOT NULL CHECK (level >= 0),
    version bigint NOT NULL CHECK (version > 0),
    armed boolean NOT NULL,
    PRIMARY KEY (store_id, sku, campaign)
) WITH (fillfactor = 80);

-- One job for each crossing: tell the holders, newest first. The cursor moves in the transaction that tells them.
CREATE TABLE fan_outs (
    crossing_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    campaign text NOT NULL,
    sku text NOT NULL,
    level bigint NOT NULL,
    level_version bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    remaining bigint NOT NULL CHECK (remaining >= 0), -- how many people may still be told
    told bigint NOT NULL DEFAULT 0,
    cursor_touched_at timestamptz NOT NULL DEFAULT 'infinity',
    cursor_cart_id uuid NOT NULL DEFAULT 'ffffffff-ffff-ffff-ffff-ffffffffffff',
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'expired', 'restocked', 'switched_off', 'failed'))
);

CREATE INDEX fan_outs_open ON fan_outs (occurred_at) WHERE state = 'open';

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
