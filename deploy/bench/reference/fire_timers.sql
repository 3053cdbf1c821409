-- up to 500 carts whose timer is due: claimed, decided, asked for, armed for their next step
BEGIN;
SELECT pg_advisory_xact_lock_shared(1701994867);
SELECT array_agg(cart_id) AS cart_ids, array_agg(customer_id) AS customers, array_agg(version) AS versions,
       array_agg(quiet_since) AS since
FROM (
    SELECT c.*, p.read_until, statement_timestamp() AS now
    FROM (
        SELECT partition, least(read_until, statement_timestamp()) AS read_until
        FROM partition_progress ORDER BY random()
    ) AS p
    CROSS JOIN LATERAL (
        SELECT cart_id, store_id, customer_id, version, quiet_since, units, total, currency,
               closed_at IS NOT NULL AS closed, decided_until
        FROM carts
        WHERE carts.partition = p.partition AND carts.due_at < p.read_until
        ORDER BY carts.due_at
        LIMIT 500
        FOR UPDATE SKIP LOCKED
    ) AS c
    LIMIT 500
) AS claimed \gset
INSERT INTO decisions (reminder_id, store_id, customer_id, campaign, step, channel, cart_id, cart_version, sku, due_at,
                       outcome, reason)
SELECT gen_random_uuid(), 'bench', customer_id, 'abandoned_cart', 1, 'email', cart_id, version, NULL,
       since + interval '1 hour', 'would_send', 'idle'
FROM unnest(:customers::text[], :cart_ids::uuid[], :versions::bigint[], :since::timestamptz[])
    AS t(customer_id, cart_id, version, since)
ON CONFLICT (reminder_id) DO NOTHING
RETURNING reminder_id;
INSERT INTO outbox (topic, key, value, headers)
SELECT 'reminder.requests', 'bench:' || customer_id, :reminder::bytea, :reminder_headers::text
FROM unnest(:customers::text[]) AS customer_id;
UPDATE carts SET due_at = t.since + interval '24 hours', decided_until = now()
FROM unnest(:cart_ids::uuid[], :since::timestamptz[]) AS t(cart_id, since)
WHERE carts.cart_id = t.cart_id;
END;
