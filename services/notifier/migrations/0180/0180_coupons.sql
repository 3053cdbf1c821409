-- Codes that a store's messages may offer, in pools. Written by nobody but who uploads, and who reserves one for a message;
-- a running release knows of none and offers none.
CREATE TABLE coupon_pools (
    store_id text NOT NULL,
    pool text NOT NULL,
    source text NOT NULL CHECK (source IN ('codes', 'pattern', 'endpoint')),
    pattern text,
    url text,
    check_url text,
    once_days int NOT NULL,
    low_at int NOT NULL,
    PRIMARY KEY (store_id, pool)
);

-- A code that is taken is somebody's until the pool's window ends, or until no delivery holds it that may be out. Of whoever
-- was erased it stays taken, and nobody's.
CREATE TABLE coupon_codes (
    store_id text NOT NULL,
    pool text NOT NULL,
    code text NOT NULL,
    expires_at timestamptz,
    customer_id text,
    recipient text,
    taken_at timestamptz,
    valid_until timestamptz,
    refused_at timestamptz,
    PRIMARY KEY (store_id, pool, code)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX coupon_codes_free ON coupon_codes (store_id, pool, expires_at, code)
    WHERE taken_at IS NULL AND refused_at IS NULL;
CREATE INDEX coupon_codes_customer ON coupon_codes (store_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX coupon_codes_recipient ON coupon_codes (store_id, recipient) WHERE recipient IS NOT NULL;

-- What a message offers, where a code of a pool; the code that it holds; how often its customer has left a cart before.
ALTER TABLE deliveries ADD COLUMN coupon_from jsonb, ADD COLUMN coupon_code text, ADD COLUMN coupon_until timestamptz,
    ADD COLUMN times_abandoned int;
