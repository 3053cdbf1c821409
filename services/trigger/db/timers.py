"""Carts whose timer is due, and when to look at them again. Takes a connection, never commits."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from libs.postgres.pool import Connection
from services.trigger.db.carts import cart_of
from services.trigger.db.columns import array
from services.trigger.domain.carts import CartState

# A timer waits for the facts: it is due only before the moment up to which its partition has been read, and never
# before the database's own clock. The order is random so that no partition starves the others when all are busy.
READ = """
SELECT partition, least(read_until, statement_timestamp()) AS read_until, statement_timestamp() AS now
FROM partition_progress ORDER BY random()
"""

# Which partition, not how far that is read: a driver takes longer over a moment than over all else of a row.
CLAIM = """
SELECT c.*, p.partition, r.email AS by_email, r.sms AS by_sms, r.timezone, r.channels AS by_channels
FROM unnest($2::integer[], $3::timestamptz[]) AS p(partition, read_until)
CROSS JOIN LATERAL (
    SELECT cart_id, store_id, customer_id, version, coalesce(goods_version, version) AS goods_version, quiet_since,
           units, total, currency, closed_at IS NOT NULL AS closed, decided_until, silent,
           coalesce(heeds_orders, silent) AS heeds_orders, origin, checkout_since
    FROM carts
    WHERE carts.partition = p.partition AND carts.due_at < p.read_until
    ORDER BY carts.due_at
    LIMIT $1
    FOR UPDATE SKIP LOCKED
) AS c
LEFT JOIN LATERAL (
    SELECT email, sms, timezone, channels FROM reach
    WHERE reach.store_id = c.store_id AND reach.customer_id = c.customer_id LIMIT 1
) AS r ON true
LIMIT $1
"""

REARM = """
UPDATE carts SET due_at = t.due_at, decided_until = t.decided_until
FROM unnest($1::uuid[], $2::text::timestamptz[], $3::text::timestamptz[]) AS t(cart_id, due_at, decided_until)
WHERE carts.cart_id = t.cart_id
"""


class Claimed(NamedTuple):
    """A cart whose timer is due: decide on it with what was read up to `read_until`; `now` is the database's clock."""

    state: CartState
    read_until: datetime
    now: datetime


async def claim(connection: Connection, limit: int) -> list[Claimed]:
    """Up to `limit` carts whose timer is due, locked until the caller's transaction ends; locked ones are left out."""
    read = {row["partition"]: (row["read_until"], row["now"]) for row in await connection.fetch(READ)}
    rows = await connection.fetch(CLAIM, limit, list(read), [until for until, _ in read.values()])
    return [Claimed._make((cart_of(row), *read[row["partition"]])) for row in rows]


async def rearm(connection: Connection, carts: Sequence[tuple[UUID, datetime | None, datetime]]) -> None:
    """Notes when to look at carts again (None: not before their next change), and until when they were decided."""
    ids, due_at, decided_until = zip(*carts, strict=True) if carts else ((), (), ())
    await connection.execute(REARM, ids, array(due_at), array(decided_until))
