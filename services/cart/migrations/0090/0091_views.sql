-- What customers looked at, in stores that keep it, for 30 days. A running release knows nothing of it.
CREATE TABLE views (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    sku text NOT NULL,
    title text,
    url text,
    image_url text,
    viewed_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, customer_id, sku)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX views_viewed ON views (viewed_at);
