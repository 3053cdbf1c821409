-- Whether a sku may be ordered beyond its level: whoever asks what is left of it hears of no bound.
ALTER TABLE inventory ADD COLUMN backorder boolean;

CREATE OR REPLACE FUNCTION stock_left(of_store text, of_sku text, for_carts uuid[])
RETURNS TABLE (sku text, available bigint, version bigint, updated_at timestamptz) LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT level.sku, CASE WHEN level.backorder THEN NULL WHEN level.held_until > now() THEN greatest(level.available - (
            SELECT coalesce(sum(held.units), 0)::bigint FROM reservations AS held
            WHERE held.store_id = level.store_id AND held.sku = level.sku AND held.cart_id <> ALL (for_carts)
              AND held.expires_at > now() AND (held.ordered OR (
                SELECT whose.status = 'active' FROM carts AS whose WHERE whose.cart_id = held.cart_id))
        ), 0) ELSE level.available END, level.version, level.updated_at
    FROM inventory AS level WHERE level.store_id = of_store AND level.sku = of_sku OFFSET 0
$$;
