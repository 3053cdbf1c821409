"""The sums of a store's day, each table written whole out of the rows. Never commits."""

from datetime import date, datetime, timedelta

from libs.postgres.pool import Connection
from services.console.domain.orders import GONE

CLEAR = (
    "DELETE FROM touch_sums WHERE store_id = $1 AND day = $2",
    "DELETE FROM reason_sums WHERE store_id = $1 AND day = $2",
    "DELETE FROM credit_sums WHERE store_id = $1 AND day = $2",
    "DELETE FROM order_sums WHERE store_id = $1 AND day = $2",
    "DELETE FROM people_sums WHERE store_id = $1 AND day = $2",
)
TOUCHES = """
INSERT INTO touch_sums (store_id, day, campaign, kind, campaign_version, step, step_name, channel, arm, decided,
    held_out, asked, waiting, sent, delivered, bounced, complained, opened, clicked, suspected)
SELECT $1, $2, campaign, kind, coalesce(campaign_version, ''), step, coalesce(step_name, ''), channel,
    coalesce(arm, variant, ''), count(decided_at), count(*) FILTER (WHERE reason = 'holdout'),
    count(*) FILTER (WHERE outcome = 'would_send' OR told_at IS NOT NULL),
    count(*) FILTER (WHERE (outcome = 'would_send' OR told_at IS NOT NULL) AND ended IS NULL),
    count(*) FILTER (WHERE ended = 'sent'), count(delivered_at), count(bounced_at), count(complained_at),
    count(opened_at), count(clicked_at) FILTER (WHERE suspected IS NOT TRUE),
    count(clicked_at) FILTER (WHERE suspected)
FROM touches WHERE store_id = $1 AND happened_at >= $3 AND happened_at < $4
GROUP BY campaign, kind, 5, step, 7, channel, 9
"""
REASONS = """
INSERT INTO reason_sums (store_id, day, campaign, campaign_version, step, channel, arm, stage, reason, number)
SELECT $1, $2, campaign, coalesce(campaign_version, ''), step, channel, coalesce(arm, variant, ''), stage,
    coalesce(why, ''), count(*)
FROM touches CROSS JOIN LATERAL (
    SELECT 'skipped', reason WHERE outcome = 'skipped' AND reason <> 'holdout'
    UNION ALL
    SELECT ended, ended_reason WHERE ended <> 'sent'
) AS ends (stage, why)
WHERE store_id = $1 AND happened_at >= $3 AND happened_at < $4
GROUP BY campaign, 4, step, channel, 7, stage, 9
"""
CREDITS = """
INSERT INTO credit_sums (store_id, day, campaign, campaign_version, step, channel, arm, currency, orders, net, in_store)
SELECT $1, $2, touches.campaign, coalesce(campaign_version, ''), step, touches.channel, coalesce(arm, variant, ''),
    coalesce(orders.currency, ''), count(*), coalesce(sum(net), 0)::bigint,
    CASE WHEN count(in_store) = count(net) THEN coalesce(sum(in_store), 0)::bigint END
FROM touches JOIN orders ON credited_to = reminder_id
WHERE touches.store_id = $1 AND happened_at >= $3 AND happened_at < $4 AND status <> ALL ($5::text[])
GROUP BY touches.campaign, 4, step, touches.channel, 7, 8
"""
ORDERS = """
INSERT INTO order_sums (store_id, day, campaign, campaign_version, step, channel, arm, currency, orders, gone, gross,
    net, in_store)
SELECT $1, $2, coalesce(touches.campaign, ''), coalesce(campaign_version, ''), coalesce(step, 0),
    coalesce(touches.channel, ''), coalesce(arm, variant, ''), coalesce(orders.currency, ''),
    count(*) FILTER (WHERE status <> ALL ($5::text[])), count(*) FILTER (WHERE status = ANY ($5::text[])),
    coalesce(sum(gross), 0)::bigint, coalesce(sum(net), 0)::bigint,
    CASE WHEN count(in_store) = count(net) THEN coalesce(sum(in_store), 0)::bigint END
FROM orders LEFT JOIN touches ON reminder_id = credited_to
WHERE orders.store_id = $1 AND placed_at >= $3 AND placed_at < $4
GROUP BY 3, 4, 5, 6, 7, 8
"""
# People enter a campaign with the first step that gives them an arm. What they spend counts by customer, and by the
# carts that the campaign was about, for guests order without a name.
PEOPLE = """
WITH entered AS (
    SELECT DISTINCT ON (campaign, customer_id) campaign, customer_id, arm, happened_at
    FROM touches AS first
    WHERE store_id = $1 AND happened_at >= $3 AND happened_at < $4 AND arm IS NOT NULL AND decided_at IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM touches AS before
            WHERE before.store_id = $1 AND before.customer_id = first.customer_id
                AND before.campaign = first.campaign AND before.happened_at < $3 AND before.arm IS NOT NULL
                AND before.decided_at IS NOT NULL)
    ORDER BY campaign, customer_id, happened_at, reminder_id
), people AS (
    SELECT campaign, arm, spent, ordered FROM entered CROSS JOIN LATERAL (
        SELECT coalesce(sum(in_store), 0)::bigint AS spent, count(*) > 0 AS ordered FROM (
            SELECT order_id, in_store FROM orders
            WHERE store_id = $1 AND customer_id = entered.customer_id AND status <> ALL ($5::text[])
                AND placed_at > entered.happened_at AND placed_at <= entered.happened_at + $6::interval
            UNION
            SELECT orders.order_id, in_store FROM touches JOIN orders USING (store_id, cart_id)
            WHERE store_id = $1 AND touches.customer_id = entered.customer_id AND campaign = entered.campaign
                AND status <> ALL ($5::text[])
                AND placed_at > entered.happened_at AND placed_at <= entered.happened_at + $6::interval
        ) AS theirs
    ) AS bought
)
INSERT INTO people_sums (store_id, day, campaign, arm, spent, people, ordered)
SELECT $1, $2, campaign, arm, spent, count(*), count(*) FILTER (WHERE ordered) FROM people GROUP BY 3, 4, 5
"""


async def write(
    connection: Connection, store_id: str, day: date, since: datetime, before: datetime, window: timedelta
) -> None:
    """Makes the sums of a day, which lasts from `since` to `before`; what people bought counts for the `window`."""
    for statement in CLEAR:
        await connection.execute(statement, store_id, day)
    of_day = (store_id, day, since, before)
    await connection.execute(TOUCHES, *of_day)
    await connection.execute(REASONS, *of_day)
    await connection.execute(CREDITS, *of_day, GONE)
    await connection.execute(ORDERS, *of_day, GONE)
    await connection.execute(PEOPLE, *of_day, GONE, window)
