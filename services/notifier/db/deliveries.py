"""Every query about deliveries. Functions take a connection, and never commit."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from libs.contracts.events import Channel, CouponFrom, LowItem, ReminderRequested
from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.db.profiles_read import PARTITIONS
from services.notifier.domain.reminder import Reminder

_ITEMS = TypeAdapter(tuple[LowItem, ...])

ADD = """
INSERT INTO deliveries (reminder_id, store_id, customer_id, campaign, kind, step, channel, template, cart_id,
                        cart_version, sku, threshold, quiet_since, due_at, expires_at, variant, coupon, also_low,
                        exit_on, order_id, channels, price, viewed, coupon_from, times_abandoned)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[],
                     $9::uuid[], $10::bigint[], $11::text[], $12::int[], $13::timestamptz[], $14::timestamptz[],
                     $15::timestamptz[], $16::text[], $17::text[], $18::jsonb[], $19::jsonb[],
                     $20::text[], $21::jsonb[], $22::bigint[], $23::jsonb[], $24::jsonb[], $25::int[])
ON CONFLICT (reminder_id) DO NOTHING
"""

# A row of somebody who holds it has its lease's end in next_at: what is due is free or was given up. Due is also
# bounded by how far the profiles were read, of all $4 partitions: see profiles_read.py. The lanes in which something
# waits are found by one step through the index each; of a lane come as many as it has places ($5 to $7, else $8), and
# of all lanes the first of each before the second of any: a store's backlog delays no other store.
# Written so that no plan can sort all that waits, walk past another store's, or read the table for what was chosen.
CLAIM = """
WITH RECURSIVE lanes AS (
    (SELECT store_id, channel FROM deliveries WHERE state IN ('pending', 'sending') ORDER BY store_id, channel LIMIT 1)
    UNION ALL
    SELECT following.store_id, following.channel
    FROM lanes CROSS JOIN LATERAL (
        SELECT d.store_id, d.channel FROM deliveries d
        WHERE d.state IN ('pending', 'sending') AND (d.store_id, d.channel) > (lanes.store_id, lanes.channel)
        ORDER BY d.store_id, d.channel LIMIT 1
    ) AS following
), waiting AS (
    SELECT w.reminder_id, w.next_at, row_number() OVER (PARTITION BY store_id, channel ORDER BY w.next_at) AS place
    FROM lanes
    LEFT JOIN unnest($5::text[], $6::text[], $7::int[]) AS used (store_id, channel, free) USING (store_id, channel)
    CROSS JOIN LATERAL (
        SELECT d.reminder_id, d.next_at FROM deliveries d
        WHERE (d.store_id, d.channel, d.next_at) >= (lanes.store_id, lanes.channel, '-infinity'::timestamptz)
          AND (d.store_id, d.channel, d.next_at) <= (lanes.store_id, lanes.channel,
               (SELECT least(now(), min(read_until)) FROM profiles_read HAVING count(*) >= $4))
          AND d.state IN ('pending', 'sending')
        ORDER BY d.store_id, d.channel, d.next_at
        LIMIT coalesce(used.free, $8)
        FOR UPDATE SKIP LOCKED
    ) AS w
), due AS (
    SELECT reminder_id FROM waiting ORDER BY place, next_at LIMIT $1
)
UPDATE deliveries d SET lease_token = $2, next_at = now() + $3
WHERE d.reminder_id = ANY (ARRAY(SELECT reminder_id FROM due))
RETURNING d.reminder_id, d.store_id, d.customer_id, d.campaign, d.kind, d.step, d.channel, d.template, d.cart_id,
          d.cart_version, d.sku, d.threshold, d.quiet_since, d.due_at, d.expires_at, d.variant, d.coupon, d.state,
          d.reason, d.failures, d.received_at, d.lease_token, d.also_low, d.exit_on, d.order_id, d.channels,
          d.price, d.viewed, d.sending_at, d.coupon_from, d.times_abandoned,
          d.handed_over -> 'variables' AS variables,
          CASE d.state WHEN 'sending' THEN greatest(d.copies, 1) ELSE 0 END AS copies
"""

# A holder that lives keeps what it holds, however long a provider takes.
RENEW = """
UPDATE deliveries d SET next_at = now() + $3
FROM unnest($1::uuid[], $2::uuid[]) AS held (reminder_id, lease_token)
WHERE d.reminder_id = held.reminder_id AND d.lease_token = held.lease_token AND d.state IN ('pending', 'sending')
"""

# What an earlier attempt may have sent stays 'sending' while it waits, and keeps a token that nobody holds any more.
RELEASE = """
UPDATE deliveries
SET state = CASE WHEN $6 > 0 THEN 'sending' ELSE 'pending' END, reason = $3, next_at = now() + $4,
    failures = failures + $5, copies = $6, lease_token = CASE WHEN $6 > 0 THEN gen_random_uuid() END
WHERE reminder_id = $1 AND lease_token = $2 AND state IN ('pending', 'sending')
"""

# Only of what the provider surely has not: it may never go by both.
SWITCH = """
UPDATE deliveries SET channel = $3, state = 'pending', reason = NULL, next_at = now(), copies = 0, lease_token = NULL
WHERE reminder_id = $1 AND lease_token = $2 AND state IN ('pending', 'sending')
"""

# What is being sent at this moment can't be called back; what waits is not sent any more.
CANCEL_PENDING = """
UPDATE deliveries SET state = 'cancelled', reason = 'erased', finished_at = now(), lease_token = NULL
WHERE store_id = $1 AND customer_id = $2 AND state = 'pending'
RETURNING reminder_id, store_id, customer_id, campaign, kind, step, channel, cart_id, order_id, sku, variant, reason
"""

KNOWN = "SELECT EXISTS (SELECT FROM deliveries WHERE provider_id = $1 AND reminder_id <> $2)"

WAKE = "SELECT pg_notify('deliveries', '')"

EXPLAIN = """
SELECT reminder_id, customer_id, campaign, kind, step, channel, channels, template, cart_id, cart_version, order_id,
       sku, variant, due_at, expires_at, state, reason, failures, provider_id, received_at, finished_at,
       CASE WHEN finished_at IS NULL THEN next_at END AS next_at
FROM deliveries
WHERE store_id = $1 AND ($2::text IS NULL OR customer_id = $2) AND ($3::uuid IS NULL OR cart_id = $3)
    AND ($4::timestamptz IS NULL OR (received_at, reminder_id) < ($4, $5))
ORDER BY received_at DESC, reminder_id DESC
LIMIT $6
"""


async def add(connection: Connection, requests: Sequence[ReminderRequested]) -> None:
    """One row for each reminder that is not known yet."""
    columns = zip(*(_row(r) for r in requests), strict=True)
    await connection.execute(ADD, *(list(c) for c in columns))


def _row(r: ReminderRequested) -> tuple[Any, ...]:
    who = (r.reminder_id, r.store_id, r.customer_id, r.campaign, r.kind, r.step, r.channel, r.template)
    rests_on = (r.cart_id, r.cart_version, r.sku, r.threshold, r.quiet_since)
    also_low = _ITEMS.dump_json(r.also_low).decode() if r.also_low else None
    exit_on = None if r.exit_on is None else json.dumps(r.exit_on)
    channels = json.dumps(r.channels) if r.channels and len(r.channels) > 1 else None
    viewed = json.dumps(r.viewed) if r.viewed else None
    offered = None if r.coupon_from is None else r.coupon_from.model_dump_json(exclude_none=True)
    says = (r.variant, r.coupon, also_low, exit_on, r.order_id, channels, r.price, viewed, offered, r.times_abandoned)
    return (*who, *rests_on, r.due_at, r.expires_at, *says)


async def claim(
    connection: Connection,
    limit: int,
    token: UUID,
    lease: timedelta,
    *,
    places: Mapping[tuple[str, str], int] | None = None,
    share: int | None = None,
) -> list[Reminder]:
    """Takes up to `limit` due deliveries under a lease, those that a dead holder left included.

    Of each store and channel at most as many as it has `places`, or `share` where nothing is said of it.
    """
    used = [(store_id, channel, free) for (store_id, channel), free in (places or {}).items()]
    columns = ([row[n] for row in used] for n in range(3))
    rows = await connection.fetch(CLAIM, limit, token, lease, PARTITIONS, *columns, limit if share is None else share)
    return [_reminder(row) for row in rows]


def _reminder(row: asyncpg.Record) -> Reminder:
    exit_on = None if row["exit_on"] is None else tuple(json.loads(row["exit_on"]))
    channels = tuple(json.loads(row["channels"])) if row["channels"] else ()
    offered = CouponFrom.model_validate_json(row["coupon_from"]) if row["coupon_from"] else None
    lists = {"channels": channels, "viewed": tuple(json.loads(row["viewed"] or "[]")), "coupon_from": offered}
    lists["variables"] = json.loads(row["variables"]) if row["variables"] else None
    return Reminder(**{**row, "also_low": _also_low(row["also_low"]), "exit_on": exit_on, **lists})


def _also_low(kept: str | None) -> tuple[LowItem, ...]:
    return _ITEMS.validate_json(kept) if kept else ()


async def renew(connection: Connection, held: Iterable[Reminder], lease: timedelta) -> None:
    """Lengthens the leases of what is under way; of what somebody else has by now, or has ended, nothing."""
    pairs = [(r.reminder_id, r.lease_token) for r in held]
    await connection.execute(RENEW, [one for one, _ in pairs], [token for _, token in pairs], lease)


async def known(connection: Connection, provider_id: str, r: Reminder) -> bool:
    """Whether a provider's message is that of another reminder."""
    known: bool = await connection.fetchval(KNOWN, provider_id, r.reminder_id)
    return known


async def release(
    connection: Connection, r: Reminder, reason: str, wait: timedelta, *, failed: bool, copies: int
) -> bool:
    """Gives a delivery back, to be taken up again after `wait`; `failed` counts towards the back-off, `copies` may be
    out.
    """
    done = await connection.execute(RELEASE, r.reminder_id, r.lease_token, reason, wait, int(failed), copies)
    return rows_affected(done) == 1


async def switch(connection: Connection, r: Reminder, channel: Channel) -> None:
    """Gives a delivery back, to be taken up at once by another channel; nothing if somebody else has it by now."""
    await connection.execute(SWITCH, r.reminder_id, r.lease_token, channel)


async def cancel_pending(connection: Connection, store_id: str, customer_id: str) -> list[dict[str, Any]]:
    """Cancels what waits for somebody who was erased; returns the columns that the events of it need."""
    return [dict(row) for row in await connection.fetch(CANCEL_PENDING, store_id, customer_id)]


async def wake(connection: Connection) -> None:
    """Wakes the delivery loops when the transaction commits."""
    await connection.execute(WAKE)


async def explain(
    connection: Connection,
    store_id: str,
    customer_id: str | None,
    cart_id: UUID | None,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
) -> list[dict[str, Any]]:
    """What became of each reminder of a customer or cart, newest first, behind the one that came at a time."""
    place = after or (None, None)
    rows = await connection.fetch(EXPLAIN, store_id, customer_id, cart_id, *place, limit)
    return [{**row, "channels": json.loads(row["channels"] or "null") or [row["channel"]]} for row in rows]
