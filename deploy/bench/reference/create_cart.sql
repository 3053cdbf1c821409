-- the first line of a customer's cart: cart, event and kept answer in one statement
WITH held AS MATERIALIZED (
    SELECT :lock::bigint IS NULL OR pg_try_advisory_xact_lock(:lock::bigint) AS free
), answered AS MATERIALIZED (
    SELECT FROM idempotency_keys WHERE store_id = 'bench' AND caller = 'c=add-' || :number::text
        AND key = '7ca285e1-0e78-42df-bfc6-' || lpad(to_hex(:number::bigint * 8 + :version), 12, '0')
), created AS (
    INSERT INTO carts (cart_id, store_id, customer_id, guest_token_hash, status, version, currency, units, total, lines,
        saved, attributes, created_at, updated_at)
    SELECT lpad(to_hex(:number::bigint), 32, '0')::uuid, 'bench', 'add-' || :number::text, NULL::bytea, 'active',
        :version::bigint, 'EUR', :version::int, :total::bigint, :lines::jsonb, '[]'::jsonb, '{}'::jsonb, now(), now()
    WHERE (SELECT free FROM held) AND NOT EXISTS (SELECT FROM answered)
      AND NOT EXISTS (SELECT FROM identities WHERE store_id = 'bench' AND identity = 'add-' || :number::text)
    ON CONFLICT DO NOTHING
    RETURNING cart_id
), published AS (
    INSERT INTO outbox (topic, key, value, headers)
    SELECT 'cart.events', cart_id::text, :event::bytea, :headers::text FROM created
), kept AS (
    INSERT INTO idempotency_keys (store_id, caller, key, fingerprint, status, etag, answer, expires_at)
    SELECT 'bench', 'c=add-' || :number::text,
        '7ca285e1-0e78-42df-bfc6-' || lpad(to_hex(:number::bigint * 8 + :version), 12, '0'),
        :fingerprint::bytea, 200, :etag::text, :answer::bytea, now() + interval '24 hours'
    FROM created
)
SELECT (SELECT free FROM held) AS free, EXISTS (SELECT FROM created) AS saved;
