-- The stores as the cart service describes them. A running release knows nothing of it. A closed one stays, because its
-- customers may still unsubscribe, and what became of its messages still goes in time.
CREATE TABLE stores (
    store_id text PRIMARY KEY CHECK (store_id <> ''),
    version bigint NOT NULL, -- the cart service's: an older description that comes again changes nothing
    description jsonb NOT NULL CHECK (jsonb_typeof(description) = 'object'),
    closed_at timestamptz,
    xid xid8 NOT NULL -- who wrote it last: every process asks for what its last snapshot could not see
);
CREATE INDEX stores_by_xid ON stores (xid);
