-- Who asked to be told when an item is back. A running release knows nothing of it.
CREATE TABLE watches (
    watch_id uuid PRIMARY KEY,
    store_id text NOT NULL,
    customer_id text NOT NULL, -- or a guest who left an address
    sku text NOT NULL,
    options jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(options) = 'object'),
    version bigint NOT NULL CHECK (version > 0),
    set_at timestamptz NOT NULL,
    token_hash bytea, -- of the guest's token under which it was set
    taken_from text, -- who waited before it went over to the customer
    UNIQUE (store_id, customer_id, sku, options)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX watches_set ON watches (set_at);
CREATE INDEX watches_of_guest ON watches (store_id, token_hash) WHERE token_hash IS NOT NULL;
