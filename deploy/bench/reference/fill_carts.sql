-- the carts that are then read, five lines each
INSERT INTO carts (cart_id, store_id, customer_id, status, version, currency, units, total, lines, created_at, updated_at)
SELECT gen_random_uuid(), 'bench', 'read-' || n, 'active', 5, 'EUR', 5, 9960, :lines_5::jsonb, now(), now()
FROM generate_series(0, 199) AS n;
