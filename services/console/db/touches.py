"""Reminders, written as events tell of them: again, or in another order, it comes to the same. Never commits."""

from collections.abc import Iterable

from libs.contracts.events import ReminderDecided
from libs.postgres.pool import Connection
from services.console.domain.touches import Told

# Stale is the day from which a reminder goes and the one to which it comes, that of orders which are credited to it,
# and those of what its customer had of the campaign after it, who may have entered it earlier than was known. The same
# again makes none stale.
DECIDED = """
WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::uuid[],
        $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::text[], $15::text[],
        $16::text[], $17::text[], $18::int[], $19::bigint[], $20::text[])
    AS given (reminder_id, store_id, customer_id, campaign, kind, step, channel, cart_id, order_id, sku, decided_at,
        due_at, campaign_version, step_name, arm, outcome, reason, cart_version, total, currency)
    ORDER BY reminder_id
), kept AS (
    INSERT INTO touches AS known (reminder_id, store_id, customer_id, campaign, kind, step, channel, cart_id, order_id,
        sku, decided_at, due_at, campaign_version, step_name, arm, outcome, reason, cart_version, total, currency,
        happened_at)
    SELECT given.*, given.decided_at FROM given
    ON CONFLICT (reminder_id) DO UPDATE SET
        decided_at = excluded.decided_at, due_at = excluded.due_at, campaign_version = excluded.campaign_version,
        step_name = excluded.step_name, arm = excluded.arm, outcome = excluded.outcome, reason = excluded.reason,
        cart_version = excluded.cart_version, total = excluded.total, currency = excluded.currency,
        happened_at = excluded.decided_at
    WHERE known.decided_at IS NULL OR known.decided_at > excluded.decided_at
    RETURNING new.reminder_id, new.store_id, new.customer_id, new.campaign, old.happened_at AS before,
        new.happened_at AS after
), days AS (
    SELECT store_id, at FROM kept CROSS JOIN LATERAL (VALUES (before), (after)) AS both_days (at)
    UNION
    SELECT orders.store_id, placed_at FROM kept JOIN orders ON credited_to = reminder_id
    UNION
    SELECT later.store_id, later.happened_at FROM kept JOIN touches AS later USING (store_id, customer_id)
    WHERE later.campaign = kept.campaign AND later.happened_at > least(before, after)
)
INSERT INTO stale_days (store_id, day)
SELECT DISTINCT days.store_id, (at AT TIME ZONE coalesce(time_zone, 'UTC'))::date
FROM days LEFT JOIN stores USING (store_id) WHERE at IS NOT NULL
"""
# A click makes the days stale on which whoever clicked ordered after it.
TOLD = """
WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::uuid[],
        $9::text[], $10::text[], $11::timestamptz[], $12::text[], $13::text[], $14::timestamptz[], $15::text[],
        $16::timestamptz[], $17::timestamptz[], $18::timestamptz[], $19::timestamptz[], $20::timestamptz[],
        $21::boolean[], $22::text[])
    AS given (reminder_id, store_id, customer_id, campaign, kind, step, channel, cart_id, order_id, sku, told_at,
        variant, ended, ended_at, ended_reason, delivered_at, bounced_at, complained_at, opened_at, clicked_at,
        suspected, provider)
    ORDER BY reminder_id
), kept AS (
    INSERT INTO touches AS known (reminder_id, store_id, customer_id, campaign, kind, step, channel, cart_id, order_id,
        sku, told_at, variant, ended, ended_at, ended_reason, delivered_at, bounced_at, complained_at, opened_at,
        clicked_at, suspected, provider, happened_at)
    SELECT given.*, given.told_at FROM given
    ON CONFLICT (reminder_id) DO UPDATE SET
        channel = CASE WHEN known.told_at <= excluded.told_at THEN known.channel ELSE excluded.channel END,
        variant = CASE WHEN known.told_at <= excluded.told_at THEN known.variant ELSE excluded.variant END,
        told_at = least(known.told_at, excluded.told_at),
        happened_at = coalesce(known.decided_at, least(known.told_at, excluded.told_at)),
        (ended, ended_at, ended_reason, provider) = (
            SELECT either.ended, either.ended_at, either.ended_reason, either.provider
            FROM (VALUES (known.ended, known.ended_at, known.ended_reason, known.provider),
                (excluded.ended, excluded.ended_at, excluded.ended_reason, excluded.provider))
                AS either (ended, ended_at, ended_reason, provider)
            ORDER BY either.ended_at DESC NULLS LAST, either.ended DESC, either.ended_reason DESC NULLS LAST,
                either.provider DESC NULLS LAST LIMIT 1
        ),
        delivered_at = least(known.delivered_at, excluded.delivered_at),
        bounced_at = least(known.bounced_at, excluded.bounced_at),
        complained_at = least(known.complained_at, excluded.complained_at),
        opened_at = least(known.opened_at, excluded.opened_at),
        (clicked_at, suspected) = (
            SELECT either.clicked_at, either.suspected
            FROM (VALUES (known.clicked_at, known.suspected), (excluded.clicked_at, excluded.suspected))
                AS either (clicked_at, suspected)
            ORDER BY either.clicked_at IS NULL, coalesce(either.suspected, false), either.clicked_at LIMIT 1
        )
    RETURNING new.reminder_id, new.store_id, new.customer_id, new.cart_id, old.happened_at AS before,
        new.happened_at AS after,
        CASE WHEN (new.clicked_at, coalesce(new.suspected, false)) IS DISTINCT FROM
            (old.clicked_at, coalesce(old.suspected, false)) THEN new.clicked_at END AS clicked_at
), days AS (
    SELECT store_id, at FROM kept CROSS JOIN LATERAL (VALUES (before), (after)) AS both_days (at)
    UNION
    SELECT orders.store_id, placed_at FROM kept JOIN orders ON credited_to = reminder_id
    UNION
    SELECT orders.store_id, placed_at FROM kept JOIN orders USING (store_id, customer_id)
    WHERE placed_at BETWEEN clicked_at AND clicked_at + interval '30 days'
    UNION
    SELECT orders.store_id, placed_at FROM kept JOIN orders
        ON orders.cart_id = kept.cart_id AND orders.store_id = kept.store_id
    WHERE placed_at BETWEEN clicked_at AND clicked_at + interval '30 days'
    UNION
    SELECT orders.store_id, placed_at FROM kept JOIN carts USING (cart_id)
        JOIN orders ON orders.cart_id = into_cart_id AND orders.store_id = kept.store_id
    WHERE placed_at BETWEEN clicked_at AND clicked_at + interval '30 days'
)
INSERT INTO stale_days (store_id, day)
SELECT DISTINCT days.store_id, (at AT TIME ZONE coalesce(time_zone, 'UTC'))::date
FROM days LEFT JOIN stores USING (store_id) WHERE at IS NOT NULL
"""


async def keep_decisions(connection: Connection, decisions: Iterable[ReminderDecided]) -> None:
    """Writes what was decided on reminders, each of them once among `decisions`."""
    rows = [
        (
            d.reminder_id, d.store_id, d.customer_id, d.campaign, d.kind, d.step, d.channel, d.cart_id, d.order_id,
            d.sku, d.decided_at, d.due_at, d.campaign_version, d.step_name, d.arm, d.outcome, d.reason, d.cart_version,
            d.total, d.currency,
        )
        for d in decisions
    ]  # fmt: skip
    if rows:
        await connection.execute(DECIDED, *zip(*rows, strict=True))


async def keep_told(connection: Connection, told: Iterable[Told]) -> None:
    """Writes what was heard of messages, each reminder once among `told`."""
    rows = [_row(one) for one in told]
    if rows:
        await connection.execute(TOLD, *zip(*rows, strict=True))


def _row(said: Told) -> tuple[object, ...]:
    e = said.event
    answers: tuple[object, ...] = (
        said.delivered_at, said.bounced_at, said.complained_at, said.opened_at, said.clicked_at, said.suspected,
    )  # fmt: skip
    about = (e.reminder_id, e.store_id, e.customer_id, e.campaign, e.kind, e.step, e.channel, e.cart_id, e.order_id)
    return (
        *about,
        e.sku,
        said.told_at,
        e.variant,
        said.ended,
        said.ended_at,
        said.ended_reason,
        *answers,
        said.provider,
    )
