-- Who asked to be told when an item is back. A watch that is over keeps its row for as long as its events may be read anew. A
-- running release knows nothing of it and tells those who hold the item.
CREATE TABLE watches (
    watch_id uuid PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    store_id text NOT NULL,
    customer_id text NOT NULL,
    sku text NOT NULL,
    set_at timestamptz NOT NULL,
    told_by uuid, -- the reminder that tells of it
    ended text, -- why, as the cart service says
    ended_at timestamptz
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX watches_waiting ON watches (store_id, sku, set_at, watch_id) WHERE ended IS NULL AND told_by IS NULL;
CREATE INDEX watches_of_customer ON watches (store_id, customer_id);
CREATE INDEX watches_told_by ON watches (told_by) WHERE told_by IS NOT NULL;
CREATE INDEX watches_ended ON watches (ended_at) WHERE ended_at IS NOT NULL;
