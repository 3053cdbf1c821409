-- Whom to write to about a guest's cart: an id that nobody logs in as, under which the profile is kept. A running release
-- leaves it as it is, and tells nobody of it.
ALTER TABLE carts ADD COLUMN recipient_id text;

-- The same the other way round: the guests who have left an address, until they are forgotten.
CREATE TABLE guest_recipients (
    recipient_id text PRIMARY KEY,
    store_id text NOT NULL,
    cart_id uuid NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- Proof of what somebody agreed to: the words that they saw, when, and on which page.
CREATE TABLE consents (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    channel text NOT NULL,
    wording text NOT NULL,
    page text,
    agreed_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, customer_id, channel)
) WITH (autovacuum_vacuum_scale_factor = 0.1);
