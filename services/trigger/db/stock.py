"""Every query about stock levels and the fan-outs that their crossings start. Takes a connection, never commits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.postgres.pool import Connection
from services.trigger.domain.low_stock import Crossing, StockState

Item = tuple[str, str, str]
"""Store, sku, campaign."""

LEVELS = """
SELECT store_id, sku, campaign, level, version, armed
FROM unnest($1::text[], $2::text[], $3::text[]) AS t(store_id, sku, campaign)
JOIN stock_levels USING (store_id, sku, campaign)
"""

SAVE_LEVELS = """
INSERT INTO stock_levels AS s (store_id, sku, campaign, level, version, armed)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::boolean[])
ON CONFLICT (store_id, sku, campaign) DO UPDATE SET
    level = excluded.level, version = excluded.version, armed = excluded.armed
WHERE s.version < excluded.version
"""

OPEN_FAN_OUTS = """
INSERT INTO fan_outs (crossing_id, store_id, campaign, sku, level, level_version, occurred_at, remaining,
                      threshold)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::timestamptz[],
                     $8::bigint[], $9::bigint[])
ON CONFLICT (crossing_id) DO NOTHING
"""

# Facts before timers here too: the carts must have been read up to the crossing, or those who just bought are told.
CLAIM_FAN_OUT = """
SELECT f.crossing_id, f.store_id, f.campaign, f.sku, f.level, f.level_version, f.occurred_at, f.remaining, f.threshold,
       f.cursor_touched_at, f.cursor_cart_id, coalesce(s.armed, false) AS rearmed, statement_timestamp() AS now
FROM fan_outs AS f
LEFT JOIN stock_levels AS s USING (store_id, sku, campaign)
WHERE f.state = 'open'
  AND f.occurred_at < (SELECT min(read_until) FROM partition_progress)
ORDER BY f.occurred_at
LIMIT 1
FOR UPDATE OF f SKIP LOCKED
"""

# A page by the place of its predecessor's last row: as even in memory as a cursor, but no transaction stays open over a
# million rows, and the place survives a crash.
HOLDERS = """
SELECT h.cart_id, h.customer_id, h.touched_at, c.version AS cart_version
FROM holdings AS h
JOIN carts AS c USING (cart_id)
WHERE h.store_id = $1 AND h.sku = $2 AND (h.touched_at, h.cart_id) < ($3, $4) AND h.touched_at >= $5
ORDER BY h.touched_at DESC, h.cart_id DESC
LIMIT $6
"""

MOVE_FAN_OUT = """
UPDATE fan_outs SET cursor_touched_at = $2, cursor_cart_id = $3, remaining = remaining - $4, told = told + $4
WHERE crossing_id = $1
"""

CLOSE_FAN_OUT = "UPDATE fan_outs SET state = $2 WHERE crossing_id = $1"

FORGET_FAN_OUTS = "DELETE FROM fan_outs WHERE state <> 'open' AND occurred_at < $1"


@dataclass(frozen=True, slots=True)
class FanOut:
    """A job under way: the crossing, how many may still be told, and the place up to which holders were read.

    `rearmed` says that the item was restocked meanwhile; `now` is the database's clock.
    """

    crossing_id: UUID
    store_id: str
    campaign: str
    sku: str
    level: int
    level_version: int
    occurred_at: datetime
    remaining: int
    threshold: int | None
    cursor_touched_at: datetime
    cursor_cart_id: UUID
    rearmed: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """A customer whose open cart holds the item."""

    cart_id: UUID
    customer_id: str
    touched_at: datetime
    cart_version: int


async def levels(connection: Connection, items: Iterable[Item]) -> dict[Item, StockState]:
    """The states of those items that are known."""
    ordered = sorted(set(items))
    rows = await connection.fetch(LEVELS, *([item[column] for item in ordered] for column in range(3)))
    return {(r["store_id"], r["sku"], r["campaign"]): StockState(r["level"], r["version"], r["armed"]) for r in rows}


async def save_levels(connection: Connection, states: Mapping[Item, StockState]) -> None:
    """Writes the states of items; an older one changes nothing."""
    ordered = sorted(states.items())
    await connection.execute(
        SAVE_LEVELS,
        *([item[column] for item, _ in ordered] for column in range(3)),
        [state.level for _, state in ordered],
        [state.version for _, state in ordered],
        [state.armed for _, state in ordered],
    )


async def open_fan_outs(connection: Connection, crossings: Sequence[Crossing]) -> None:
    """Starts a job for each crossing that has none."""
    await connection.execute(
        OPEN_FAN_OUTS,
        [c.crossing_id for c in crossings],
        [c.store_id for c in crossings],
        [c.campaign for c in crossings],
        [c.sku for c in crossings],
        [c.level for c in crossings],
        [c.level_version for c in crossings],
        [c.occurred_at for c in crossings],
        [c.recipients for c in crossings],
        [c.threshold for c in crossings],
    )


async def claim_fan_out(connection: Connection) -> FanOut | None:
    """The oldest open job that nobody else works on, locked until the caller's transaction ends."""
    row = await connection.fetchrow(CLAIM_FAN_OUT)
    return FanOut(**row) if row else None


async def holders(connection: Connection, job: FanOut, since: datetime, limit: int) -> list[Holder]:
    """The next page of those who hold the item, last touched first, none touched before `since`."""
    rows = await connection.fetch(
        HOLDERS, job.store_id, job.sku, job.cursor_touched_at, job.cursor_cart_id, since, limit
    )
    return [Holder(**row) for row in rows]


async def move_fan_out(connection: Connection, job: FanOut, last: Holder, told: int) -> None:
    """Notes that holders up to `last` were read and `told` of them will get a message."""
    await connection.execute(MOVE_FAN_OUT, job.crossing_id, last.touched_at, last.cart_id, told)


async def close_fan_out(connection: Connection, job: FanOut, state: str) -> None:
    """Ends a job as `done`, `expired`, `restocked`, `switched_off` or `failed`."""
    await connection.execute(CLOSE_FAN_OUT, job.crossing_id, state)


async def forget_fan_outs(connection: Connection, before: datetime) -> None:
    """Deletes jobs that ended long ago."""
    await connection.execute(FORGET_FAN_OUTS, before)
