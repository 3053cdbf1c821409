-- every further line: the cart is swapped for its next version, with the event and the kept answer in one statement
WITH held AS MATERIALIZED (
    SELECT :lock::bigint IS NULL OR pg_try_advisory_xact_lock(:lock::bigint) AS free
), answered AS MATERIALIZED (
    SELECT FROM idempotency_keys WHERE store_id = 'bench' AND caller = 'c=add-' || :number::text
        AND key = '7ca285e1-0e78-42df-bfc6-' || lpad(to_hex(:number::bigint * 8 + :version), 12, '0')
), swapped AS (
    UPDATE carts
    SET version = :version::bigint, currency = 'EUR', units = :version::int, total = :total::bigint,
        lines = :lines::jsonb, saved = '[]'::jsonb, attributes = '{}'::jsonb, updated_at = now()
    WHERE cart_id = lpad(to_hex(:number::bigint), 32, '0')::uuid AND version = :version::bigint - 1
      AND status = 'active'
      AND (customer_id IS NOT DISTINCT FROM 'add-' || :number::text OR customer_id = (
          SELECT customer_id FROM identities WHERE store_id = 'bench' AND identity = 'add-' || :number::text))
      AND (SELECT free FROM held) AND NOT EXISTS (SELECT FROM answered)
    RETURNING cart_id
), published AS (
    INSERT INTO outbox (topic, key, value, headers)
    SELECT 'cart.events', cart_id::text, :event::bytea, :headers::text FROM swapped
), kept AS (
    INSERT INTO idempotency_keys (store_id, caller, key, fingerprint, status, etag, answer, expires_at)
    SELECT 'bench', 'c=add-' || :number::text,
        '7ca285e1-0e78-42df-bfc6-' || lpad(to_hex(:number::bigint * 8 + :version), 12, '0'),
        :fingerprint::bytea, 200, :etag::text, :answer::bytea, now() + interval '24 hours'
    FROM swapped
)
SELECT (SELECT free FROM held) AS free, EXISTS (SELECT FROM swapped) AS saved;
