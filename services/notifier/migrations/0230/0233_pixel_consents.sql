-- Whether a customer lets it be counted that they open letters, when they said so, to which words, and whose key told it. A
-- running release counts no opens by pictures of its own.
CREATE TABLE pixel_consents (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    agreed boolean NOT NULL,
    said_at timestamptz NOT NULL,
    wording text NOT NULL,
    told_by text NOT NULL,
    PRIMARY KEY (store_id, customer_id)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
