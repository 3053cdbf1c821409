-- no transaction
-- finds orders that are over: they are written in the order of time
CREATE INDEX CONCURRENTLY orders_old ON orders USING brin (placed_at);
