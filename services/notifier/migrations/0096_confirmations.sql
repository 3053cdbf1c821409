-- Who has left an address that has to say yes first, and whether it has. `recipient` is its salted hash (address_subject).
-- A running release asks nobody, and sends nothing there: without consent it does not.
CREATE TABLE confirmations (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    channel text NOT NULL,
    recipient text NOT NULL,
    profile_version bigint NOT NULL,
    confirmed_at timestamptz,
    PRIMARY KEY (store_id, customer_id, channel)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
-- All who have left one address: it is asked once, and answers for them.
CREATE INDEX confirmations_recipient ON confirmations (store_id, channel, recipient);
