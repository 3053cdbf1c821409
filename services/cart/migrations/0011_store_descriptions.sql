-- What the other services were last told of each store, so that only what is new is told. A running release knows nothing of it.
CREATE TABLE store_descriptions (
    store_id text PRIMARY KEY CHECK (store_id <> ''),
    version bigint NOT NULL CHECK (version > 0), -- grows with everything that is told, closing included
    description jsonb CHECK (jsonb_typeof(description) = 'object') -- NULL: that it was closed
);
