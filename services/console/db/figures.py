"""The figures as sums tell them. Never commits."""

from datetime import date, datetime

from libs.postgres.pool import Connection, Row

STEPS = """
SELECT campaign, kind, step, channel, arm, max(step_name) AS step_name,
    array_agg(DISTINCT campaign_version) FILTER (WHERE campaign_version <> '') AS versions,
    sum(decided)::bigint AS decided, sum(held_out)::bigint AS held_out, sum(asked)::bigint AS asked,
    sum(waiting)::bigint AS waiting, sum(sent)::bigint AS sent, sum(delivered)::bigint AS delivered,
    sum(bounced)::bigint AS bounced, sum(complained)::bigint AS complained, sum(opened)::bigint AS opened,
    sum(clicked)::bigint AS clicked, sum(suspected)::bigint AS suspected
FROM touch_sums WHERE store_id = $1 AND day BETWEEN $2 AND $3 AND ($4::text IS NULL OR campaign = $4)
GROUP BY campaign, kind, step, channel, arm ORDER BY campaign, kind, step, channel, arm
"""
REASONS = """
SELECT campaign, step, channel, arm, stage, reason, sum(number)::bigint AS number
FROM reason_sums WHERE store_id = $1 AND day BETWEEN $2 AND $3 AND ($4::text IS NULL OR campaign = $4)
GROUP BY campaign, step, channel, arm, stage, reason ORDER BY 7 DESC, stage, reason
"""
CREDITS = """
SELECT campaign, step, channel, arm, currency, sum(orders)::bigint AS orders, sum(net)::bigint AS net,
    CASE WHEN bool_and(in_store IS NOT NULL) THEN sum(in_store)::bigint END AS in_store
FROM credit_sums WHERE store_id = $1 AND day BETWEEN $2 AND $3 AND ($4::text IS NULL OR campaign = $4)
GROUP BY campaign, step, channel, arm, currency ORDER BY currency
"""
PEOPLE = """
SELECT campaign, arm, spent, sum(people)::bigint AS people, sum(ordered)::bigint AS ordered,
    min(day) AS since, max(day) AS until
FROM people_sums WHERE store_id = $1 AND day BETWEEN $2 AND $3 AND ($4::text IS NULL OR campaign = $4)
GROUP BY campaign, arm, spent ORDER BY campaign, arm, spent
"""
# The same without what each spent, where only their number is asked for: a few rows instead of thousands.
ARMS = """
SELECT campaign, arm, 0 AS spent, sum(people)::bigint AS people, sum(ordered)::bigint AS ordered
FROM people_sums WHERE store_id = $1 AND day BETWEEN $2 AND $3 AND ($4::text IS NULL OR campaign = $4)
GROUP BY campaign, arm
"""
# By what is asked for, and by day where that is asked for, too. '' stands for nothing.
REVENUE = """
SELECT CASE WHEN $4 THEN day END AS day,
    CASE $5 WHEN 'campaign' THEN campaign WHEN 'channel' THEN channel WHEN 'arm' THEN arm
        WHEN 'step' THEN CASE WHEN campaign = '' THEN '' ELSE campaign || '/' || step END
        WHEN 'version' THEN campaign_version END AS key,
    currency, sum(orders)::bigint AS orders, sum(gone)::bigint AS gone, sum(gross)::bigint AS gross,
    sum(net)::bigint AS net, CASE WHEN bool_and(in_store IS NOT NULL) THEN sum(in_store)::bigint END AS in_store
FROM order_sums WHERE store_id = $1 AND day BETWEEN $2 AND $3
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
COUNTS = """
SELECT CASE WHEN $4 THEN day END AS day,
    CASE $5 WHEN 'campaign' THEN campaign WHEN 'channel' THEN channel END AS key,
    sum(decided)::bigint AS decided, sum(held_out)::bigint AS held_out, sum(asked)::bigint AS asked,
    sum(sent)::bigint AS sent, sum(delivered)::bigint AS delivered, sum(bounced)::bigint AS bounced,
    sum(complained)::bigint AS complained, sum(opened)::bigint AS opened, sum(clicked)::bigint AS clicked,
    sum(suspected)::bigint AS suspected
FROM touch_sums WHERE store_id = $1 AND day BETWEEN $2 AND $3
GROUP BY 1, 2 ORDER BY 1, 2
"""
EARNED = """
SELECT CASE WHEN $4 THEN day END AS day,
    CASE $5 WHEN 'campaign' THEN campaign WHEN 'channel' THEN channel END AS key,
    currency, sum(orders)::bigint AS orders, sum(net)::bigint AS net,
    CASE WHEN bool_and(in_store IS NOT NULL) THEN sum(in_store)::bigint END AS in_store
FROM credit_sums WHERE store_id = $1 AND day BETWEEN $2 AND $3
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
SENT = """
SELECT sum(sent)::bigint AS sent, sum(waiting)::bigint AS waiting
FROM touch_sums WHERE store_id = $1 AND day BETWEEN $2 AND $3
"""
CREDITED = """
SELECT currency, sum(orders)::bigint AS orders, sum(net)::bigint AS net,
    CASE WHEN bool_and(in_store IS NOT NULL) THEN sum(in_store)::bigint END AS in_store
FROM order_sums WHERE store_id = $1 AND day BETWEEN $2 AND $3 AND campaign <> '' GROUP BY currency ORDER BY currency
"""
# Nobody touched its goods for a while, and nothing was decided about them yet.
GOING_QUIET = """
SELECT count(*) FROM carts
WHERE store_id = $1 AND changed_at >= $2::timestamptz - interval '24 hours'
    AND changed_at <= $2::timestamptz - interval '10 minutes'
    AND closed_by IS NULL AND units > 0 AND customer_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM touches WHERE touches.cart_id = carts.cart_id AND cart_version = goods_version)
"""


async def over(connection: Connection, query: str, store_id: str, since: date, until: date, *more: object) -> list[Row]:
    """What one of the queries of this module gives of a store's days, the last included."""
    return list(await connection.fetch(query, store_id, since, until, *more))


async def going_quiet(connection: Connection, store_id: str, now: datetime) -> int:
    """How many carts nobody has touched for ten minutes to a day, about which nothing was decided yet."""
    found: int = await connection.fetchval(GOING_QUIET, store_id, now)
    return found
