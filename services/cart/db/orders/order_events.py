"""What became of orders, also of those that have not been told yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic_core import from_json, to_json

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.cart.domain.goods import plain_units
from services.cart.domain.orders.fulfilment import Mismatch, Update

READ = """
SELECT type, occurred_at, sequence, units, reopen, tracking_url, mismatch, told_at, attempt
FROM order_events WHERE store_id = $1 AND order_id = $2 ORDER BY occurred_at, sequence, received_at
"""
INSERT = """
INSERT INTO order_events (store_id, order_id, type, occurred_at, sequence, units, mismatch, received_at, told_at,
    reopen, attempt, tracking_url)
VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10, $11, $12)
ON CONFLICT DO NOTHING
"""
TELL = """
UPDATE order_events SET mismatch = $6, told_at = $7
WHERE store_id = $1 AND order_id = $2 AND type = $3 AND occurred_at = $4 AND sequence = $5
"""
LINK = """
UPDATE order_events SET tracking_url = $6
WHERE store_id = $1 AND order_id = $2 AND type = $3 AND occurred_at = $4 AND sequence = $5
"""
DROP = """
DELETE FROM order_events WHERE store_id = $1 AND order_id = $2 AND type = $3 AND occurred_at = $4 AND sequence = $5
"""
FORGET = """
DELETE FROM order_events WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM order_events WHERE told_at IS NULL AND received_at <= $1
    ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact on record; `told_at` is None while its order has not been told. `attempt` is that of the order."""

    update: Update
    mismatch: Mismatch | None
    told_at: datetime | None
    attempt: int = 0


async def read(connection: Connection, store_id: str, order_id: str) -> Sequence[Entry]:
    """Everything on record of an order, in the order in which it happened."""
    rows = await connection.fetch(READ, store_id, order_id)
    return [
        Entry(
            Update(
                row["type"],
                row["occurred_at"],
                row["sequence"],
                plain_units(from_json(row["units"])),
                row["reopen"],
                row["tracking_url"],
            ),
            row["mismatch"],
            row["told_at"],
            row["attempt"],
        )
        for row in rows
    ]


async def insert(connection: Connection, store_id: str, order_id: str, entry: Entry, now: datetime) -> None:
    """Puts a fact on record, if it is not there."""
    update, units = entry.update, to_json(entry.update.units).decode()
    facts = (update.type, update.occurred_at, update.sequence, units, entry.mismatch, now, entry.told_at, update.reopen)
    await connection.execute(INSERT, store_id, order_id, *facts, entry.attempt, update.tracking_url)


async def tell(connection: Connection, store_id: str, order_id: str, entry: Entry) -> None:
    """Notes that a fact which had waited for its order has been told."""
    await connection.execute(TELL, store_id, order_id, *_place(entry.update), entry.mismatch, entry.told_at)


async def link(connection: Connection, store_id: str, order_id: str, update: Update, tracking_url: str) -> None:
    """Notes where the parcel of a fact on record is followed."""
    await connection.execute(LINK, store_id, order_id, *_place(update), tracking_url)


async def drop(connection: Connection, store_id: str, order_id: str, update: Update) -> None:
    """Removes a fact that had waited for its order and says nothing new."""
    await connection.execute(DROP, store_id, order_id, *_place(update))


async def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Forgets up to `limit` facts of orders that never came; returns how many."""
    return rows_affected(await connection.execute(FORGET, before, limit))


def _place(update: Update) -> tuple[str, datetime, int]:
    return update.type, update.occurred_at, update.sequence
