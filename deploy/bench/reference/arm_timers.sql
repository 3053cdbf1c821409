-- a batch of 500 events of 100 carts, five lines each; :batch counts from the one that it is given
\set batch :batch + 1
\set first :batch * 100
\set last :batch * 100 + 99
BEGIN;
SELECT pg_advisory_xact_lock_shared(1701994867);
SELECT given.customer_id, erased_until, profile_version
FROM (SELECT 'customer-' || n AS customer_id FROM generate_series(:first::int, :last::int) AS n) AS given
CROSS JOIN erasure_salt
JOIN erased_customers ON mark = sha256(convert_to(salt || chr(31) || 'bench' || chr(31) || given.customer_id, 'UTF8'))
WHERE EXISTS (SELECT FROM erased_customers);
SELECT cart_id, store_id, customer_id, version, quiet_since, units, total, currency, closed_at IS NOT NULL AS closed,
       decided_until
FROM carts
WHERE cart_id = ANY(ARRAY(
    SELECT lpad(to_hex(n), 32, '0')::uuid FROM generate_series(:first::int, :last::int) AS n))
ORDER BY cart_id
FOR UPDATE;
WITH changed AS (
    INSERT INTO carts AS c (cart_id, store_id, customer_id, version, quiet_since, units, total, currency, closed_at,
                            decided_until, due_at, partition)
    SELECT lpad(to_hex(n), 32, '0')::uuid, 'bench', 'customer-' || n, 5, now() - interval '2 hours', 5, 9960, 'EUR',
           NULL, now() - interval '2 hours', now() - interval '1 hour', n % 12
    FROM generate_series(:first::int, :last::int) AS n
    ORDER BY 1
    ON CONFLICT (cart_id) DO UPDATE SET
        customer_id = excluded.customer_id, version = excluded.version, quiet_since = excluded.quiet_since,
        units = excluded.units, total = excluded.total, currency = excluded.currency, closed_at = excluded.closed_at,
        decided_until = excluded.quiet_since, due_at = least(c.due_at, excluded.due_at), partition = excluded.partition
    WHERE c.version < excluded.version AND c.closed_at IS NULL
    RETURNING c.cart_id, c.store_id, c.customer_id, c.due_at
), held AS (
    SELECT changed.cart_id, changed.store_id, changed.customer_id, 'sku-' || line AS sku, 1 AS units,
           now() - interval '2 hours' AS touched_at
    FROM changed CROSS JOIN generate_series(0, 4) AS line
    WHERE changed.customer_id IS NOT NULL
), dropped AS (
    DELETE FROM holdings USING changed
    WHERE holdings.cart_id = changed.cart_id
      AND NOT EXISTS (SELECT FROM held WHERE held.cart_id = holdings.cart_id AND held.sku = holdings.sku)
), kept AS (
    INSERT INTO holdings AS h (cart_id, sku, store_id, customer_id, units, touched_at)
    SELECT cart_id, sku, store_id, customer_id, units, touched_at FROM held
    ON CONFLICT (cart_id, sku) DO UPDATE SET
        customer_id = excluded.customer_id, units = excluded.units, touched_at = excluded.touched_at
    WHERE h.units <> excluded.units OR h.customer_id <> excluded.customer_id
)
SELECT count(*) AS changed, count(due_at) AS armed FROM changed;
INSERT INTO partition_progress AS p (partition, read_until)
SELECT n, now() - interval '2 hours' FROM generate_series(0, 11) AS n
ON CONFLICT (partition) DO UPDATE SET read_until = excluded.read_until
WHERE p.read_until < excluded.read_until;
END;
