-- no transaction
-- Asked at log-in: what has this customer just bought that no cart knew?
CREATE INDEX CONCURRENTLY orders_awaiting ON orders (store_id, customer_id, placed_at)
    WHERE awaited <> '{}' AND customer_id IS NOT NULL;
