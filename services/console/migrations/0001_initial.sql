-- What the console reads out of the topics, row by row: kept for `raw_days`, so that everything can be counted anew.
-- No address, name or number of anybody stands here.

-- A store as it was told last: where its day begins, and in which currencies it sells.
CREATE TABLE stores (
    store_id text PRIMARY KEY,
    version bigint NOT NULL,
    name text NOT NULL,
    locale text NOT NULL,
    time_zone text NOT NULL,
    currency text, -- its own
    closed_at timestamptz
);

-- By what a store's figures are counted: windows, currency, rates. What has no row counts as it always did.
CREATE TABLE counting_rules (
    store_id text PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    document jsonb NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL
);

-- What is known of a reminder: that it was decided on, and what became of the message. Each part comes when it comes.
CREATE TABLE touches (
    reminder_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    customer_id text NOT NULL, -- a name of nobody once the customer is erased
    campaign text NOT NULL,
    kind text NOT NULL,
    step int NOT NULL,
    channel text NOT NULL, -- of the message if there is one, else of the decision
    cart_id uuid,
    order_id text,
    sku text,
    -- the decision
    decided_at timestamptz,
    due_at timestamptz,
    campaign_version text,
    step_name text,
    arm text,
    outcome text,
    reason text,
    cart_version int,
    total bigint,
    currency text,
    -- the message
    told_at timestamptz, -- the first that was heard of it
    variant text,
    ended text, -- sent, cancelled, expired, failed, unknown: the newest that was told
    ended_at timestamptz,
    ended_reason text,
    delivered_at timestamptz,
    bounced_at timestamptz,
    complained_at timestamptz,
    opened_at timestamptz,
    clicked_at timestamptz,
    suspected boolean, -- whether the click may be a machine's
    happened_at timestamptz NOT NULL -- of the decision, where that is known: the day to which it counts
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX touches_of_day ON touches (store_id, happened_at);
CREATE INDEX touches_of_customer ON touches (store_id, customer_id, happened_at);
CREATE INDEX touches_of_cart ON touches (cart_id) WHERE cart_id IS NOT NULL;

-- Everything that was told of orders, and each order as that adds up.
CREATE TABLE order_events (
    event_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    order_id text NOT NULL,
    what text NOT NULL,
    told_at timestamptz NOT NULL,
    happened_at timestamptz NOT NULL,
    status text NOT NULL,
    customer_id text,
    cart_id uuid,
    currency text,
    total bigint,
    channel text,
    placed_at timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX order_events_of_order ON order_events (store_id, order_id);
CREATE INDEX order_events_of_cart ON order_events (cart_id) WHERE cart_id IS NOT NULL;
CREATE INDEX order_events_of_customer ON order_events (store_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE TABLE orders (
    store_id text NOT NULL,
    order_id text NOT NULL,
    customer_id text,
    cart_id uuid,
    channel text,
    placed_at timestamptz NOT NULL,
    currency text,
    gross bigint, -- what it came to when it was placed
    net bigint, -- less what was cancelled or returned
    status text NOT NULL,
    credited_to uuid, -- the reminder whose click led to it
    in_store bigint, -- net in the store's currency; NULL where no rate is told
    PRIMARY KEY (store_id, order_id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX orders_of_day ON orders (store_id, placed_at);
CREATE INDEX orders_of_customer ON orders (store_id, customer_id, placed_at) WHERE customer_id IS NOT NULL;
CREATE INDEX orders_of_cart ON orders (cart_id) WHERE cart_id IS NOT NULL;
CREATE INDEX orders_credited ON orders (credited_to) WHERE credited_to IS NOT NULL;

-- A cart as it was told last.
CREATE TABLE carts (
    cart_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    customer_id text, -- or a guest who has left an address
    version bigint NOT NULL,
    goods_version bigint NOT NULL,
    changed_at timestamptz NOT NULL, -- its goods
    units int NOT NULL,
    total bigint NOT NULL,
    currency text,
    closed_by text, -- ordered, expired, merged_away, erased
    into_cart_id uuid -- where its lines live on
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX carts_changed ON carts (store_id, changed_at);
CREATE INDEX carts_of_customer ON carts (store_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX carts_merged ON carts (into_cart_id) WHERE into_cart_id IS NOT NULL;

-- The level of an item where it last crossed its threshold.
CREATE TABLE stock_levels (
    store_id text NOT NULL,
    sku text NOT NULL,
    location text NOT NULL, -- '' is over all
    level_version bigint NOT NULL,
    available int NOT NULL,
    threshold int NOT NULL,
    low boolean NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (store_id, sku, location)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- Days of a store whose sums are to be made anew. Only added to by those who write, so that nobody waits.
CREATE TABLE stale_days (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id text NOT NULL,
    day date NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);

-- Sums of days, kept for good. Each day is written whole, out of the rows above. '' stands for none.
CREATE TABLE touch_sums ( -- by the day on which it was decided
    store_id text NOT NULL,
    day date NOT NULL,
    campaign text NOT NULL,
    kind text NOT NULL,
    campaign_version text NOT NULL,
    step int NOT NULL,
    step_name text NOT NULL,
    channel text NOT NULL,
    arm text NOT NULL,
    decided bigint NOT NULL, -- about how many it was decided
    held_out bigint NOT NULL, -- of these, who are told nothing so that one can compare
    asked bigint NOT NULL, -- for how many a message was wanted
    waiting bigint NOT NULL, -- of these, of which nothing is known yet
    sent bigint NOT NULL,
    delivered bigint NOT NULL,
    bounced bigint NOT NULL,
    complained bigint NOT NULL,
    opened bigint NOT NULL,
    clicked bigint NOT NULL,
    suspected bigint NOT NULL,
    PRIMARY KEY (store_id, day, campaign, kind, campaign_version, step, step_name, channel, arm)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE TABLE reason_sums ( -- why nothing was sent: `stage` is skipped, or how the message ended
    store_id text NOT NULL,
    day date NOT NULL,
    campaign text NOT NULL,
    campaign_version text NOT NULL,
    step int NOT NULL,
    channel text NOT NULL,
    arm text NOT NULL,
    stage text NOT NULL,
    reason text NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (store_id, day, campaign, campaign_version, step, channel, arm, stage, reason)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE TABLE credit_sums ( -- orders by the day of the reminder that they are credited to
    store_id text NOT NULL,
    day date NOT NULL,
    campaign text NOT NULL,
    campaign_version text NOT NULL,
    step int NOT NULL,
    channel text NOT NULL,
    arm text NOT NULL,
    currency text NOT NULL,
    orders bigint NOT NULL,
    net bigint NOT NULL,
    in_store bigint, -- in the store's currency; NULL where it tells no rate
    PRIMARY KEY (store_id, day, campaign, campaign_version, step, channel, arm, currency)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE TABLE order_sums ( -- orders by the day on which they were placed; '' and 0: credited to nothing
    store_id text NOT NULL,
    day date NOT NULL,
    campaign text NOT NULL,
    campaign_version text NOT NULL,
    step int NOT NULL,
    channel text NOT NULL,
    arm text NOT NULL,
    currency text NOT NULL,
    orders bigint NOT NULL, -- that stand
    gone bigint NOT NULL, -- cancelled, unpaid or returned as a whole
    gross bigint NOT NULL,
    net bigint NOT NULL,
    in_store bigint,
    PRIMARY KEY (store_id, day, campaign, campaign_version, step, channel, arm, currency)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE TABLE people_sums ( -- people by the day on which they entered a campaign with an arm, and what they bought after it
    store_id text NOT NULL,
    day date NOT NULL,
    campaign text NOT NULL,
    arm text NOT NULL,
    spent bigint NOT NULL, -- by each of them, in minor units of the store's currency
    people bigint NOT NULL,
    ordered bigint NOT NULL, -- of these, how many ordered at all
    PRIMARY KEY (store_id, day, campaign, arm, spent)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- Who was erased, as hashes. Copied word for word into a migration of the service (a test holds them equal).
-- The salt is made here, so that no secret has to be configured or may be rotated away under the hashes.
CREATE TABLE erasure_salt (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    salt text NOT NULL
);
INSERT INTO erasure_salt (salt) VALUES (gen_random_uuid()::text || gen_random_uuid()::text);

CREATE TABLE erased_customers (
    mark bytea PRIMARY KEY CHECK (octet_length(mark) = 32), -- SHA-256 of salt, store and customer
    erased_until timestamptz NOT NULL, -- what occurred up to then is theirs and must not come back
    profile_version bigint NOT NULL, -- and so are profiles up to this version
    noted_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION customer_mark(store_id text, customer_id text) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(salt || chr(31) || store_id || chr(31) || customer_id, 'UTF8')) FROM erasure_salt
$$;
