-- The figures counted anew from what stands in the topics: `told` holds each record's type and its JSON, as often and in
-- whatever order it came. No table, no function and no query of the console is used; `rules` says by what it counts.
-- Every table that ends in `_sums` has the columns of the console's of that name, so that one can be taken off the other.
CREATE TABLE recount.decisions AS
SELECT DISTINCT ON (reminder_id) said.*, (decided_at AT TIME ZONE zone)::date AS day,
    coalesce(campaign_version, '') AS version, coalesce(arm, '') AS of_arm
FROM recount.told CROSS JOIN recount.rules CROSS JOIN LATERAL jsonb_to_record(data) AS said (reminder_id uuid,
    store_id text, customer_id text, campaign text, kind text, campaign_version text, step int, step_name text,
    channel text, arm text, outcome text, reason text, cart_id uuid, decided_at timestamptz)
WHERE type = 'reminder.decided' ORDER BY reminder_id, decided_at;

CREATE TABLE recount.heard AS
SELECT DISTINCT ON (event_id) said.*, substr(type, 9) AS what
FROM recount.told CROSS JOIN LATERAL jsonb_to_record(data) AS said (event_id uuid, occurred_at timestamptz,
    reminder_id uuid, customer_id text, cart_id uuid, channel text, reason text, suspected text)
WHERE type LIKE 'message.%' ORDER BY event_id;
CREATE INDEX ON recount.heard (reminder_id);
CREATE INDEX ON recount.heard (customer_id);
CREATE INDEX ON recount.heard (cart_id);

CREATE TABLE recount.of_orders AS
SELECT DISTINCT ON (event_id) said.*, type
FROM recount.told CROSS JOIN LATERAL jsonb_to_record(data) AS said (event_id uuid, occurred_at timestamptz,
    store_id text, order_id text, customer_id text, cart_id uuid, currency text, total bigint, status text,
    placed_at timestamptz)
WHERE type LIKE 'order.%' ORDER BY event_id;
CREATE INDEX ON recount.of_orders (order_id);

-- An order as it was placed, and what the newest that was told of it left of it.
CREATE TABLE recount.orders AS
SELECT placed.store_id, placed.order_id, placed.customer_id, placed.cart_id, placed.currency, placed.total AS gross,
    at, (at AT TIME ZONE zone)::date AS day, stands, net, CASE
        WHEN placed.currency = rules.currency THEN net
        ELSE (SELECT round(net * rate)::bigint FROM recount.rates WHERE rates.currency = placed.currency)
    END AS in_store
FROM recount.of_orders AS placed CROSS JOIN recount.rules
CROSS JOIN LATERAL (SELECT coalesce(placed.placed_at, placed.occurred_at) AS at) AS moment
CROSS JOIN LATERAL (
    SELECT total AS last_total, coalesce(status, 'placed') IN ('cancelled', 'returned', 'payment_failed') AS gone
    FROM recount.of_orders AS told WHERE told.order_id = placed.order_id ORDER BY occurred_at DESC LIMIT 1
) AS newest
CROSS JOIN LATERAL (SELECT NOT gone AS stands, CASE WHEN gone THEN 0 ELSE last_total END AS net) AS left_of_it
WHERE placed.type = 'order.placed';
CREATE INDEX ON recount.orders (customer_id);
CREATE INDEX ON recount.orders (cart_id);

-- The last click of a person before the order, by whoever ordered or for the cart that was ordered.
CREATE TABLE recount.credited AS
SELECT DISTINCT ON (order_id) orders.*, reminder_id
FROM recount.orders CROSS JOIN recount.rules JOIN recount.heard
    ON heard.customer_id = orders.customer_id OR heard.cart_id = orders.cart_id
LEFT JOIN recount.windows USING (channel)
WHERE what = 'clicked' AND suspected IS NULL
    AND at BETWEEN occurred_at AND occurred_at + coalesce(windows.days, window_days) * interval '24 hours'
ORDER BY order_id, occurred_at DESC, reminder_id DESC;

CREATE TABLE recount.touch_sums AS
SELECT store_id, day, campaign, kind, version AS campaign_version, step, coalesce(step_name, '') AS step_name, channel,
    of_arm AS arm, count(*) AS decided, count(*) FILTER (WHERE reason = 'holdout') AS held_out,
    count(*) FILTER (WHERE outcome = 'would_send' OR known) AS asked,
    count(*) FILTER (WHERE (outcome = 'would_send' OR known) AND ended IS NULL) AS waiting,
    count(*) FILTER (WHERE ended = 'sent') AS sent, count(*) FILTER (WHERE delivered) AS delivered,
    count(*) FILTER (WHERE bounced) AS bounced, count(*) FILTER (WHERE complained) AS complained,
    count(*) FILTER (WHERE opened) AS opened, count(*) FILTER (WHERE by_person) AS clicked,
    count(*) FILTER (WHERE by_machine AND NOT by_person) AS suspected
FROM recount.decisions CROSS JOIN LATERAL (
    SELECT count(*) > 0 AS known, count(*) FILTER (WHERE what = 'delivered') > 0 AS delivered,
        count(*) FILTER (WHERE what = 'bounced') > 0 AS bounced,
        count(*) FILTER (WHERE what = 'complained') > 0 AS complained,
        count(*) FILTER (WHERE what = 'opened') > 0 AS opened,
        count(*) FILTER (WHERE what = 'clicked' AND suspected IS NULL) > 0 AS by_person,
        count(*) FILTER (WHERE what = 'clicked' AND suspected IS NOT NULL) > 0 AS by_machine,
        (array_agg(what ORDER BY occurred_at DESC)
            FILTER (WHERE what IN ('sent', 'cancelled', 'expired', 'failed', 'unknown')))[1] AS ended
    FROM recount.heard WHERE heard.reminder_id = decisions.reminder_id
) AS answers
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;

CREATE TABLE recount.reason_sums AS
SELECT store_id, day, campaign, version AS campaign_version, step, channel, of_arm AS arm, stage, why AS reason,
    count(*) AS number
FROM recount.decisions CROSS JOIN LATERAL (
    SELECT 'skipped', reason WHERE outcome = 'skipped' AND reason <> 'holdout'
    UNION ALL
    (SELECT what, coalesce(heard.reason, '') FROM recount.heard
    WHERE heard.reminder_id = decisions.reminder_id AND what IN ('sent', 'cancelled', 'expired', 'failed', 'unknown')
    ORDER BY occurred_at DESC LIMIT 1)
) AS ends (stage, why)
WHERE stage <> 'sent' GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;

CREATE TABLE recount.credit_sums AS
SELECT decisions.store_id, decisions.day, campaign, version AS campaign_version, step, channel, of_arm AS arm, currency,
    count(*) AS orders, sum(net)::bigint AS net,
    CASE WHEN count(in_store) = count(*) THEN sum(in_store)::bigint END AS in_store
FROM recount.credited JOIN recount.decisions USING (reminder_id) WHERE stands GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

CREATE TABLE recount.order_sums AS
SELECT orders.store_id, orders.day, coalesce(campaign, '') AS campaign, coalesce(version, '') AS campaign_version,
    coalesce(step, 0) AS step, coalesce(channel, '') AS channel, coalesce(of_arm, '') AS arm, orders.currency,
    count(*) FILTER (WHERE orders.stands) AS orders, count(*) FILTER (WHERE NOT orders.stands) AS gone,
    sum(orders.gross)::bigint AS gross, sum(orders.net)::bigint AS net,
    CASE WHEN count(orders.in_store) = count(*) THEN sum(orders.in_store)::bigint END AS in_store
FROM recount.orders LEFT JOIN recount.credited USING (order_id)
LEFT JOIN recount.decisions ON decisions.reminder_id = credited.reminder_id GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

-- Who entered a campaign when, with which arm, and what they bought in the window after that: under their name, or with
-- a cart that the campaign was about.
CREATE TABLE recount.people_sums AS
WITH entered AS (
    SELECT DISTINCT ON (campaign, customer_id) * FROM recount.decisions WHERE arm IS NOT NULL
    ORDER BY campaign, customer_id, decided_at, reminder_id
)
SELECT store_id, day, campaign, arm, spent, count(*) AS people, count(*) FILTER (WHERE bought > 0) AS ordered
FROM entered CROSS JOIN recount.rules CROSS JOIN LATERAL (
    SELECT coalesce(sum(in_store), 0)::bigint AS spent, count(*) AS bought FROM recount.orders
    WHERE stands AND at > decided_at AND at <= decided_at + window_days * interval '24 hours'
        AND (orders.customer_id = entered.customer_id OR orders.cart_id IN (
            SELECT about.cart_id FROM recount.decisions AS about
            WHERE about.campaign = entered.campaign AND about.customer_id = entered.customer_id))
) AS basket
GROUP BY 1, 2, 3, 4, 5;
