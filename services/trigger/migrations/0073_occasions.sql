-- What else than a quiet cart a campaign may follow: something that happened to an order, a customer's last order, and
-- so on. One row for each thing, written only while a campaign of its store follows it, with the timer of its steps.
-- A running release knows nothing of it.
CREATE TABLE occasions (
    store_id text NOT NULL,
    subject text NOT NULL, -- what happened, such as order.shipped
    subject_id text NOT NULL, -- to what: the order, the customer
    customer_id text NOT NULL,
    since timestamptz NOT NULL, -- when it happened; when it happens again it begins anew
    facts jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(facts) = 'object'),
    ended text, -- why nothing more is to be told of it
    decided_until timestamptz NOT NULL,
    due_at timestamptz, -- when to look at it; NULL is never
    partition integer NOT NULL, -- of cart.events, from which the newest event of it came
    PRIMARY KEY (store_id, subject, subject_id)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX occasions_due ON occasions (partition, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX occasions_of_customer ON occasions (store_id, customer_id);
CREATE INDEX occasions_since ON occasions (since) WHERE due_at IS NULL;

-- Decisions on what is about no cart.
-- squawk-ignore ban-drop-not-null
ALTER TABLE decisions ALTER COLUMN cart_id DROP NOT NULL;
-- squawk-ignore ban-drop-not-null
ALTER TABLE decisions ALTER COLUMN cart_version DROP NOT NULL;
ALTER TABLE decisions ADD COLUMN order_id text;
