-- Counts the changes of each sku's prices, in all currencies and with all options, as `price.levels` tells them. The row is what
-- two writers of one sku's prices wait for, so that the newer record tells what both have written. A running release tells none.
CREATE TABLE price_versions (
    store_id text NOT NULL,
    sku text NOT NULL,
    version bigint NOT NULL CHECK (version >= 1),
    PRIMARY KEY (store_id, sku)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
