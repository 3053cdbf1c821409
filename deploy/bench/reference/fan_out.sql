-- the next 500 holders of an item that runs low: read, decided, asked for, the place moved on
BEGIN;
SELECT pg_advisory_xact_lock_shared(1701994867);
SELECT f.crossing_id, f.store_id AS store, f.campaign, f.sku, f.level, f.level_version, f.occurred_at AS crossed_at,
       f.remaining, f.threshold, f.cursor_touched_at AS place_at, f.cursor_cart_id AS place_id,
       coalesce(s.armed, false) AS rearmed, statement_timestamp() AS now
FROM fan_outs AS f
LEFT JOIN stock_levels AS s USING (store_id, sku, campaign)
WHERE f.state = 'open'
  AND f.occurred_at < (SELECT min(read_until) FROM partition_progress)
ORDER BY f.occurred_at
LIMIT 1
FOR UPDATE OF f SKIP LOCKED \gset
SELECT array_agg(cart_id) AS cart_ids, array_agg(customer_id) AS customers, array_agg(cart_version) AS versions,
       (array_agg(cart_id))[count(*)] AS last_id, (array_agg(touched_at))[count(*)] AS last_at, count(*) AS told
FROM (
    SELECT h.cart_id, h.customer_id, h.touched_at, c.version AS cart_version
    FROM holdings AS h
    JOIN carts AS c USING (cart_id)
    WHERE h.store_id = :store::text AND h.sku = :sku::text
      AND (h.touched_at, h.cart_id) < (:place_at::timestamptz, :place_id::uuid)
      AND h.touched_at >= :crossed_at::timestamptz - interval '30 days'
    ORDER BY h.touched_at DESC, h.cart_id DESC
    LIMIT 500
) AS page \gset
INSERT INTO decisions (reminder_id, store_id, customer_id, campaign, step, channel, cart_id, cart_version, sku, due_at,
                       outcome, reason)
SELECT gen_random_uuid(), :store::text, customer_id, 'low_stock', 1, 'sms', cart_id, version, :sku::text,
       :crossed_at::timestamptz, 'would_send', 'low_stock'
FROM unnest(:customers::text[], :cart_ids::uuid[], :versions::bigint[]) AS t(customer_id, cart_id, version)
ON CONFLICT (reminder_id) DO NOTHING
RETURNING reminder_id;
INSERT INTO outbox (topic, key, value, headers)
SELECT 'reminder.requests', 'bench:' || customer_id, :reminder::bytea, :reminder_headers::text
FROM unnest(:customers::text[]) AS customer_id;
UPDATE fan_outs SET cursor_touched_at = :last_at::timestamptz, cursor_cart_id = :last_id::uuid,
                    remaining = remaining - :told::bigint, told = told + :told::bigint
WHERE crossing_id = :crossing_id::uuid;
END;
