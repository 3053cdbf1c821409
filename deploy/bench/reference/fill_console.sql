-- A year of a shop in the console's tables: $1 carts, of which three in five are decided on in up to three steps, and one
-- in seven is ordered. Sums are made by the console's own job.
WITH made AS (
    SELECT n, md5('cart' || n)::uuid AS cart_id, 'customer-' || n % ($1 * 7 / 10) AS customer_id,
        date_trunc('day', now()) - interval '1 day' - (365.0 * n / $1) * interval '1 day' AS at
    FROM generate_series(1, $1::int) AS n
), carts_made AS (
    INSERT INTO carts (cart_id, store_id, customer_id, version, goods_version, changed_at, units, total, currency,
        closed_by)
    SELECT cart_id, 'shop', customer_id, 3, 3, at, 2, 2500 + n % 9000, 'EUR', CASE WHEN n % 7 = 0 THEN 'ordered' END
    FROM made
), touches_made AS (
    INSERT INTO touches (reminder_id, store_id, customer_id, campaign, kind, step, channel, cart_id, decided_at, due_at,
        campaign_version, step_name, arm, outcome, reason, cart_version, told_at, ended, ended_at, ended_reason,
        delivered_at, opened_at, clicked_at, happened_at)
    SELECT md5(n || '/' || step)::uuid, 'shop', customer_id, 'campaign-' || n % 6, 'abandoned_cart', step,
        CASE WHEN step = 2 THEN 'sms' ELSE 'email' END, cart_id, due, due, (1 + n * 8 / $1)::text, 'step ' || step, arm,
        CASE WHEN sent OR n % 11 = 0 THEN 'would_send' ELSE 'skipped' END,
        CASE WHEN arm = 'holdout' THEN 'holdout' WHEN n % 5 = 3 THEN 'ordered' ELSE 'idle' END, 3,
        CASE WHEN sent THEN due END, CASE WHEN sent AND n % 13 = 0 THEN 'cancelled' WHEN sent THEN 'sent' END,
        CASE WHEN sent THEN due END, CASE WHEN sent AND n % 13 = 0 THEN 'no_consent' END,
        CASE WHEN sent AND n % 13 > 0 THEN due + interval '5 seconds' END,
        CASE WHEN sent AND n % 3 = 0 THEN due + interval '1 hour' END,
        CASE WHEN sent AND n % 6 = 1 THEN due + interval '2 hours' END, due
    FROM made CROSS JOIN generate_series(1, 1 + (n % 3)::int) AS step
        CROSS JOIN LATERAL (SELECT CASE WHEN md5(customer_id) < '2' THEN 'holdout' ELSE 'treatment' END AS arm,
            at + step * interval '11 hours' AS due) AS of
        CROSS JOIN LATERAL (SELECT arm <> 'holdout' AND n % 5 <> 3 AS sent) AS ends
    WHERE n % 5 < 3
), orders_made AS (
    INSERT INTO orders (store_id, order_id, customer_id, cart_id, placed_at, currency, gross, net, status)
    SELECT 'shop', n::text, customer_id, cart_id, at + (n % 100) * interval '1 hour', 'EUR', 2500 + n % 9000,
        CASE WHEN n % 35 = 0 THEN 0 ELSE 2500 + n % 9000 END, CASE WHEN n % 35 = 0 THEN 'returned' ELSE 'delivered' END
    FROM made WHERE n % 7 = 0
)
INSERT INTO stores (store_id, version, name, locale, time_zone, currency)
VALUES ('shop', 1, 'A year', 'en', 'Europe/Berlin', 'EUR')
