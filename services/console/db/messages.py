"""Reminders one by one, and what was read of a customer. Never commits."""

from datetime import date, datetime
from uuid import UUID

from libs.postgres.pool import Connection, Row

# A state is the last thing that is known of a message, as people would say it.
PAGE = """
SELECT reminder_id, happened_at, customer_id, campaign, kind, step, step_name, channel, coalesce(arm, variant) AS arm,
    state, why, cart_id, order_id, due_at, provider
FROM touches CROSS JOIN LATERAL (SELECT
    CASE WHEN outcome = 'skipped' AND told_at IS NULL THEN 'skipped'
        WHEN complained_at IS NOT NULL THEN 'complained' WHEN bounced_at IS NOT NULL THEN 'bounced'
        WHEN clicked_at IS NOT NULL THEN 'clicked' WHEN delivered_at IS NOT NULL THEN 'delivered'
        ELSE coalesce(ended, 'waiting') END AS state,
    CASE WHEN outcome = 'skipped' AND told_at IS NULL THEN reason ELSE ended_reason END AS why) AS said
WHERE store_id = $1 AND ($2::timestamptz IS NULL OR (happened_at, reminder_id) < ($2, $3))
    AND ($10::timestamptz IS NULL OR happened_at >= $10)
    AND ($4::text IS NULL OR state = $4) AND ($5::text IS NULL OR why = $5) AND ($6::text IS NULL OR campaign = $6)
    AND ($7::text IS NULL OR channel = $7) AND ($8::int IS NULL OR step = $8)
    AND ($11::text IS NULL OR provider = $11)
ORDER BY happened_at DESC, reminder_id DESC LIMIT $9
"""
# Where so many reminders have been looked at.
FLOOR = """
SELECT happened_at FROM touches WHERE store_id = $1 AND happened_at <= $2 ORDER BY happened_at DESC OFFSET $3 LIMIT 1
"""
PROVIDERS = """
SELECT DISTINCT provider FROM (
    SELECT provider FROM touches WHERE store_id = $1 ORDER BY happened_at DESC LIMIT $2
) AS newest WHERE provider IS NOT NULL ORDER BY provider
"""
# Of a week's rows, one by one: sums do not know providers. What bounced was taken before.
BY_PROVIDER = """
SELECT provider, count(*) FILTER (WHERE ended = 'sent') AS sent, count(delivered_at) AS delivered,
    count(bounced_at) AS bounced, count(*) FILTER (WHERE ended = 'failed') AS failed
FROM touches WHERE store_id = $1 AND happened_at > $2::timestamptz - interval '7 days' AND provider IS NOT NULL
GROUP BY provider ORDER BY provider
"""
# The newest day of whose reminders one may be like that, as its sums say; a stale day's are not to be believed yet.
LIKELY = """
SELECT greatest(
    (SELECT max(day) FROM stale_days WHERE store_id = $1 AND ($2::date IS NULL OR day <= $2)),
    (SELECT day FROM touch_sums AS sums WHERE store_id = $1 AND ($2::date IS NULL OR day <= $2)
        AND ($5::text IS NULL OR campaign = $5) AND ($6::text IS NULL OR channel = $6)
        AND ($7::int IS NULL OR step = $7)
        AND CASE $3::text WHEN 'waiting' THEN waiting > 0 WHEN 'sent' THEN sent > 0 WHEN 'delivered' THEN delivered > 0
            WHEN 'clicked' THEN clicked + suspected > 0 WHEN 'bounced' THEN bounced > 0
            WHEN 'complained' THEN complained > 0 ELSE true END
        AND (($4::text IS NULL AND ($3 IS NULL OR $3 <> ALL ($8::text[])))
            OR (held_out > 0 AND coalesce($3, 'skipped') = 'skipped' AND coalesce($4, 'holdout') = 'holdout')
            OR EXISTS (SELECT FROM reason_sums AS why
                WHERE why.store_id = $1 AND why.day = sums.day AND why.campaign = sums.campaign
                    AND why.campaign_version = sums.campaign_version AND why.step = sums.step
                    AND why.channel = sums.channel AND why.arm = sums.arm
                    AND ($3 IS NULL OR $3 <> ALL ($8) OR stage = $3) AND ($4 IS NULL OR reason = $4)))
    ORDER BY day DESC LIMIT 1))
"""
STAGES = ("skipped", "cancelled", "expired", "failed", "unknown")
"""States that sums know by their reasons."""
TOUCHES = """
SELECT reminder_id, campaign, step, channel, coalesce(arm, variant) AS arm, cart_id, order_id, outcome, reason,
    decided_at, ended, ended_at, ended_reason, delivered_at, bounced_at, complained_at, opened_at, clicked_at
FROM touches WHERE store_id = $1 AND customer_id = $2 ORDER BY happened_at DESC LIMIT $3
"""
ORDERS = """
SELECT order_events.order_id, what, order_events.happened_at, order_events.cart_id, order_events.total,
    order_events.currency, credited_to
FROM orders JOIN order_events USING (store_id, order_id)
WHERE store_id = $1 AND orders.customer_id = $2 ORDER BY happened_at DESC LIMIT $3
"""
CARTS = """
SELECT cart_id, changed_at, total, currency, units, closed_by
FROM carts WHERE store_id = $1 AND customer_id = $2 ORDER BY changed_at DESC LIMIT $3
"""
Place = tuple[datetime, UUID]


async def page(
    connection: Connection,
    store_id: str,
    after: Place | None,
    wanted: dict[str, str],
    limit: int,
    since: datetime | None = None,
) -> list[Row]:
    """Up to `limit` reminders, the newest first, older than `after` and none from before `since`; `wanted` by state,
    reason, campaign, channel, step and provider.
    """
    return list(
        await connection.fetch(
            PAGE, store_id, *(after or (None, None)), *_asked(wanted), limit, since, wanted.get("provider")
        )
    )


async def floor(connection: Connection, store_id: str, before: datetime, looks: int) -> datetime | None:
    """When the last of so many reminders happened, the newest first; None where there are no more than that."""
    found: datetime | None = await connection.fetchval(FLOOR, store_id, before, looks)
    return found


async def providers(connection: Connection, store_id: str, looks: int) -> list[str]:
    """By whom messages went, of so many of the newest reminders."""
    return [row["provider"] for row in await connection.fetch(PROVIDERS, store_id, looks)]


async def by_provider(connection: Connection, store_id: str, now: datetime) -> list[Row]:
    """What became of the reminders of seven days, by whom they went."""
    return list(await connection.fetch(BY_PROVIDER, store_id, now))


async def likely_day(connection: Connection, store_id: str, upto: date | None, wanted: dict[str, str]) -> date | None:
    """The newest day, up to `upto`, with a reminder that may be `wanted`; None where there is none for sure."""
    found: date | None = await connection.fetchval(LIKELY, store_id, upto, *_asked(wanted), STAGES)
    return found


def _asked(wanted: dict[str, str]) -> tuple[str | int | None, ...]:
    named = (wanted.get(name) for name in ("state", "reason", "campaign", "channel"))
    return (*named, int(wanted["step"]) if "step" in wanted else None)


async def of_customer(
    connection: Connection, store_id: str, customer_id: str, limit: int
) -> tuple[list[Row], list[Row], list[Row]]:
    """The newest reminders, events of orders, and carts of a customer."""
    found = [list(await connection.fetch(q, store_id, customer_id, limit)) for q in (TOUCHES, ORDERS, CARTS)]
    return found[0], found[1], found[2]
