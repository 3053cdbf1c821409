-- What is left of a sku for these carts: what others hold back is not there. Every read of what is left asks here, so that
-- no two of them differ. A plain query in FROM is put in place of the call, where the planner finds its rows by index; OFFSET
-- 0 keeps it from reading a whole inventory instead. `held_until` spares stores that hold nothing back the second look.
CREATE FUNCTION stock_left(of_store text, of_sku text, for_carts uuid[])
RETURNS TABLE (sku text, available bigint, version bigint, updated_at timestamptz) LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT level.sku, CASE WHEN level.held_until > now() THEN greatest(level.available - (
            SELECT coalesce(sum(held.units), 0)::bigint FROM reservations AS held
            WHERE held.store_id = level.store_id AND held.sku = level.sku AND held.cart_id <> ALL (for_carts)
              AND held.expires_at > now() AND (held.ordered OR (
                SELECT whose.status = 'active' FROM carts AS whose WHERE whose.cart_id = held.cart_id))
        ), 0) ELSE level.available END, level.version, level.updated_at
    FROM inventory AS level WHERE level.store_id = of_store AND level.sku = of_sku OFFSET 0
$$;
