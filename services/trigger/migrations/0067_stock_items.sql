-- What is known of each item of a store, whether a campaign watches it or not: `in_stock` and `category` of campaigns go by it. A
-- running release writes none; what was told before stays unknown until it is told again.
CREATE TABLE stock_items (
    store_id text NOT NULL,
    sku text NOT NULL,
    available bigint CHECK (available >= 0), -- NULL: it may be ordered whatever is left
    level_version bigint NOT NULL CHECK (level_version > 0),
    category text,
    PRIMARY KEY (store_id, sku)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
