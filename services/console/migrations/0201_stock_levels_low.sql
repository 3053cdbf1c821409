-- no transaction
-- what runs low, of all items that ever crossed their threshold
CREATE INDEX CONCURRENTLY stock_levels_low ON stock_levels (store_id, sku) WHERE low;
