"""The orders of a day with the clicks that may have led to them, and what each is credited to. Never commits."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.postgres.pool import Connection, Row
from services.console.domain.attribution import Click
from services.console.domain.store import Store

PAGE = 500
"""Rows that are read at a time."""
# Clicks of whoever ordered: by the customer, or by the cart, or by a cart that was merged into it.
ORDERS = """
WITH placed AS (
    SELECT order_id, customer_id, cart_id, placed_at, currency, net, credited_to, in_store FROM orders
    WHERE store_id = $1 AND placed_at >= $2 AND placed_at < $3
), clicks AS (
    SELECT placed.order_id, reminder_id, touches.channel, clicked_at, suspected
    FROM placed JOIN touches USING (customer_id)
    WHERE store_id = $1 AND clicked_at BETWEEN placed_at - interval '30 days' AND placed_at
    UNION
    SELECT placed.order_id, reminder_id, touches.channel, clicked_at, suspected FROM placed JOIN touches USING (cart_id)
    WHERE store_id = $1 AND clicked_at BETWEEN placed_at - interval '30 days' AND placed_at
    UNION
    SELECT placed.order_id, reminder_id, touches.channel, clicked_at, suspected
    FROM placed JOIN carts ON into_cart_id = placed.cart_id JOIN touches ON touches.cart_id = carts.cart_id
    WHERE touches.store_id = $1 AND clicked_at BETWEEN placed_at - interval '30 days' AND placed_at
)
SELECT placed.*, reminder_id, channel, clicked_at, suspected FROM placed LEFT JOIN clicks USING (order_id)
ORDER BY order_id
"""
# What an order is credited to, and what it is worth, counts on days of others, too.
SETTLE = """
WITH settled AS (
    UPDATE orders SET credited_to = given.credited_to, in_store = given.in_store
    FROM unnest($2::text[], $3::uuid[], $4::bigint[]) AS given (order_id, credited_to, in_store)
    WHERE orders.store_id = $1 AND orders.order_id = given.order_id
    RETURNING old.credited_to AS before, new.credited_to AS after, new.customer_id, new.cart_id, new.placed_at
), days AS (
    SELECT happened_at FROM settled JOIN touches ON reminder_id = ANY (ARRAY[before, after])
    UNION
    SELECT happened_at FROM settled JOIN touches USING (customer_id)
    WHERE store_id = $1 AND happened_at BETWEEN placed_at - interval '30 days' AND placed_at
    UNION
    SELECT happened_at FROM settled JOIN touches USING (cart_id)
    WHERE store_id = $1 AND happened_at BETWEEN placed_at - interval '30 days' AND placed_at
)
INSERT INTO stale_days (store_id, day)
SELECT DISTINCT $1, (happened_at AT TIME ZONE $5)::date FROM days WHERE (happened_at AT TIME ZONE $5)::date <> $6
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """An order as it is settled now, with every click of whoever ordered in the longest window before it."""

    order_id: str
    placed_at: datetime
    currency: str | None
    net: int | None
    credited_to: UUID | None
    in_store: int | None
    clicks: tuple[Click, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """What an order is credited to, and what it is worth in the store's currency."""

    order_id: str
    credited_to: UUID | None
    in_store: int | None


async def orders(connection: Connection, store_id: str, since: datetime, before: datetime) -> AsyncIterator[Placed]:
    """The orders that were placed from `since` on and before `before`, some at a time: a day may have very many."""
    lines: list[Row] = []
    async for row in connection.cursor(ORDERS, store_id, since, before, prefetch=PAGE):
        if lines and lines[0]["order_id"] != row["order_id"]:
            yield _placed(lines)
            lines = []
        lines.append(row)
    if lines:
        yield _placed(lines)


def _placed(lines: Sequence[Row]) -> Placed:
    """An order, of which each row has one click, or none."""
    first = lines[0]
    clicks = tuple(
        Click(row["reminder_id"], row["channel"], row["clicked_at"], suspected=bool(row["suspected"]))
        for row in lines
        if row["reminder_id"] is not None
    )
    known = {name: first[name] for name in ("placed_at", "currency", "net", "credited_to", "in_store")}
    return Placed(first["order_id"], **known, clicks=clicks)


async def settle(connection: Connection, store: Store, day: date, settled: Sequence[Settled]) -> None:
    """Writes what has become of a day's orders, and marks the other days on which that counts."""
    if settled:
        columns = zip(*((one.order_id, one.credited_to, one.in_store) for one in settled), strict=True)
        await connection.execute(SETTLE, store.store_id, *columns, store.time_zone, day)
