"""Addresses that guests have left: consents with their words, and whose carts are over. Takes a connection."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

AGREE = """
INSERT INTO consents (store_id, customer_id, channel, wording, page, agreed_at)
SELECT $1, $2, channel, wording, $5, $6 FROM unnest($3::text[], $4::text[]) AS said (channel, wording)
ON CONFLICT (store_id, customer_id, channel) DO UPDATE
SET wording = excluded.wording, page = excluded.page, agreed_at = excluded.agreed_at
"""
FORGET_CONSENTS = "DELETE FROM consents WHERE store_id = $1 AND customer_id = ANY ($2::text[])"
MOVE_CONSENTS = """
UPDATE consents SET customer_id = $3 WHERE store_id = $1 AND customer_id = $2
"""
CONSENTS = """
SELECT channel, wording, page, agreed_at FROM consents WHERE store_id = $1 AND customer_id = $2 ORDER BY channel
"""
NAME = """
INSERT INTO guest_recipients (recipient_id, store_id, cart_id) VALUES ($1, $2, $3)
ON CONFLICT (recipient_id) DO UPDATE SET cart_id = excluded.cart_id
"""
UNNAME = """
WITH gone AS (
    DELETE FROM guest_recipients WHERE store_id = $1 AND recipient_id = ANY ($2::text[]) RETURNING recipient_id, cart_id
)
UPDATE carts SET recipient_id = NULL, version = version + (status = 'active')::int,
    goods_version = coalesce(goods_version, version)
FROM gone WHERE carts.cart_id = gone.cart_id AND carts.recipient_id = gone.recipient_id
"""
PAGE = """
SELECT g.recipient_id, g.store_id, c.status IS DISTINCT FROM 'active' AND NOT EXISTS (
    SELECT FROM watches AS w WHERE w.store_id = g.store_id AND w.customer_id = g.recipient_id
) AS over
FROM guest_recipients AS g LEFT JOIN carts AS c USING (cart_id)
WHERE g.recipient_id > $1 ORDER BY g.recipient_id LIMIT $2
"""
# Who shares an address with one of these customers, and is a guest.
AT_SAME_ADDRESS = """
SELECT DISTINCT other.customer_id FROM profiles AS mine JOIN profiles AS other
    ON other.store_id = mine.store_id AND lower(other.email) = lower(mine.email)
WHERE mine.store_id = $1 AND mine.customer_id = ANY ($2::text[]) AND other.customer_id LIKE 'guest:%'
    AND other.customer_id <> ALL ($2::text[])
"""


async def agree(
    connection: Connection,
    store_id: str,
    recipient_id: str,
    said: Sequence[tuple[str, str]],
    page: str | None,
    now: datetime,
) -> None:
    """Keeps the words (by channel) to which somebody has agreed on a page, instead of any before."""
    await connection.execute(FORGET_CONSENTS, store_id, [recipient_id])
    channels, words = [channel for channel, _ in said], [wording for _, wording in said]
    await connection.execute(AGREE, store_id, recipient_id, channels, words, page, now)


async def move_consents(connection: Connection, store_id: str, recipient_id: str, customer_id: str) -> None:
    """Makes a guest's consents those of a customer, who has none."""
    await connection.execute(FORGET_CONSENTS, store_id, [customer_id])
    await connection.execute(MOVE_CONSENTS, store_id, recipient_id, customer_id)


async def forget(connection: Connection, store_id: str, names: Sequence[str]) -> int:
    """Deletes consents of these names, and takes guests among them from their carts; how many consents went."""
    await unname(connection, store_id, names)
    return rows_affected(await connection.execute(FORGET_CONSENTS, store_id, names))


async def unname(connection: Connection, store_id: str, names: Sequence[str]) -> int:
    """Takes guests from their carts; from how many."""
    return rows_affected(await connection.execute(UNNAME, store_id, names))


async def consents(connection: Connection, store_id: str, customer_id: str) -> Sequence[asyncpg.Record]:
    """What somebody agreed to: channel, wording, page, agreed_at."""
    return await connection.fetch(CONSENTS, store_id, customer_id)


async def name(connection: Connection, store_id: str, recipient_id: str, cart_id: UUID) -> None:
    """Notes who is written to about a cart."""
    await connection.execute(NAME, recipient_id, store_id, cart_id)


async def page(connection: Connection, after: str, limit: int) -> tuple[str, list[tuple[str, str]]]:
    """The next place of a walk through all guests, empty at the end; store and recipient of closed carts up to it."""
    rows = await connection.fetch(PAGE, after, limit)
    over = [(row["store_id"], row["recipient_id"]) for row in rows if row["over"]]
    return (rows[-1]["recipient_id"] if len(rows) == limit else ""), over


async def at_same_address(connection: Connection, store_id: str, names: Sequence[str]) -> list[str]:
    """The guests who have left an address that one of these customers has."""
    return [row["customer_id"] for row in await connection.fetch(AT_SAME_ADDRESS, store_id, names)]
