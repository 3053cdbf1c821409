-- :holders open carts that hold the item, and the crossing of which they are to be told
TRUNCATE carts, holdings, decisions, stock_levels, fan_outs, partition_progress, outbox;
INSERT INTO carts (cart_id, store_id, customer_id, version, quiet_since, units, total, currency, decided_until, due_at,
                   partition)
SELECT lpad(to_hex(n), 32, '0')::uuid, 'bench', 'customer-' || n, 1, now() - interval '2 hours', 1, 1990, 'EUR',
       now() - interval '2 hours', now() - interval '1 hour', n % 12
FROM generate_series(1, :holders::int) AS n;
INSERT INTO holdings (cart_id, sku, store_id, customer_id, units, touched_at)
SELECT cart_id, 'sku-0', store_id, customer_id, 1, quiet_since FROM carts;
INSERT INTO stock_levels (store_id, sku, campaign, level, version, armed)
VALUES ('bench', 'sku-0', 'low_stock', 4, 2, false);
INSERT INTO fan_outs (crossing_id, store_id, campaign, sku, level, level_version, occurred_at, remaining, threshold)
VALUES (gen_random_uuid(), 'bench', 'low_stock', 'sku-0', 4, 2, now() - interval '1 hour', :holders::bigint, 5);
INSERT INTO partition_progress (partition, read_until) SELECT n, now() FROM generate_series(0, 11) AS n;
