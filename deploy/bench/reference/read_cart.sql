\set cart random(0, 199)
SELECT cart_id, store_id, customer_id, status, version, currency, units, total, lines, saved, attributes,
    created_at, updated_at,
    coalesce((SELECT true FROM inventory WHERE store_id = 'bench' ORDER BY sku LIMIT 1),
             (SELECT true FROM prices WHERE store_id = 'bench' ORDER BY sku LIMIT 1), false) AS supplied,
    EXISTS (SELECT FROM merges WHERE merges.cart_id = carts.cart_id AND undone_at IS NULL
            AND undo_until > now() - interval '29 days') AS merged
FROM carts WHERE store_id = 'bench' AND customer_id = coalesce((
    SELECT customer_id FROM identities WHERE store_id = 'bench' AND identity = 'read-' || :cart::text
), 'read-' || :cart::text) AND status = 'active';
