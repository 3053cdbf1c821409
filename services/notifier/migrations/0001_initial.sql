-- How customers may be reached. The only table with personal data: erasing a customer deletes their row.
CREATE TABLE contacts (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    version bigint NOT NULL,
    email text,
    phone text,
    name text,
    locale text NOT NULL,
    timezone text,
    email_consent boolean NOT NULL,
    sms_consent boolean NOT NULL,
    PRIMARY KEY (store_id, customer_id)
);

-- One row per reminder for ever: the key that makes a duplicate request do nothing. Ids and reasons, no personal data.
CREATE TABLE deliveries (
    reminder_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    customer_id text NOT NULL,
    campaign text NOT NULL,
    kind text NOT NULL,
    step integer NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    template text NOT NULL,
    cart_id uuid NOT NULL,
    cart_version bigint NOT NULL,
    sku text,
    threshold integer,
    due_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    variant text,
    coupon text,
    state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'sending', 'sent', 'cancelled', 'expired', 'failed', 'unknown')),
    -- why it is in its state: of a final one for good, of a pending one what it waits for
    reason text,
    failures integer NOT NULL DEFAULT 0,
    provider_id text,
    -- who holds it; every write of a holder filters on it, so a holder that was given up for dead can't change the row
    lease_token uuid,
    -- when a pending row may be taken up, or when the lease of its holder ends, whichever it has
    next_at timestamptz NOT NULL DEFAULT now(),
    received_at timestamptz NOT NULL DEFAULT now(),
    sending_at timestamptz,
    finished_at timestamptz,
    -- what is under way has no end, what has ended has one and is nobody's
    CHECK ((state IN ('pending', 'sending')) = (finished_at IS NULL)),
    CHECK (finished_at IS NULL OR lease_token IS NULL),
    -- nothing is being sent without a holder, alive or not
    CHECK (state <> 'sending' OR lease_token IS NOT NULL)
);

-- what the delivery loop asks every second: small, because what has ended is not in it
CREATE INDEX deliveries_next ON deliveries (next_at) WHERE state IN ('pending', 'sending');
-- caps, erasure, and the question why somebody was or was not reminded
CREATE INDEX deliveries_customer ON deliveries (store_id, customer_id);
CREATE INDEX deliveries_cart ON deliveries (store_id, cart_id);

-- Channels that are closed to somebody: by customer (unsubscribed) or by address (bounce, complaint, STOP), so that
-- another account with the same number is not texted either. Addresses stand here as salted hashes only: a STOP has to
-- outlive the erasure of the customer who sent it.
CREATE TABLE suppressions (
    store_id text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('email', 'sms')),
    subject text NOT NULL CHECK (subject LIKE 'customer:%' OR subject LIKE 'address:%'),
    reason text NOT NULL CHECK (reason IN ('unsubscribed', 'bounced', 'complained', 'stop')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (store_id, channel, subject)
);

-- one row, made here, so that no secret has to be configured or may be rotated away under the suppressions
CREATE TABLE address_salt (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    salt text NOT NULL
);
INSERT INTO address_salt (salt) VALUES (gen_random_uuid()::text || gen_random_uuid()::text);

CREATE FUNCTION address_subject(address text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT 'address:' || encode(sha256(convert_to(salt || lower(address), 'UTF8')), 'hex') FROM address_salt
$$;

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
