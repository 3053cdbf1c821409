"""Products that somebody would like to have every month. Functions take a connection, and never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

# Held until the end: an erasure takes the message and what was answered together.
ASKED = """
SELECT store_id, customer_id, channel, order_id, sku FROM deliveries
WHERE unsubscribe_link = $1 AND kind = $2 AND channel = 'email' AND order_id IS NOT NULL
    AND sending_at > now() - $3::interval
FOR KEY SHARE
"""
TO_CONFIRM = """
SELECT store_id, customer_id, channel, order_id, sku FROM deliveries
WHERE cart_link = $1 AND kind = $2 AND order_id IS NOT NULL AND sending_at > now() - $3::interval
FOR KEY SHARE
"""
WISH = """
INSERT INTO monthly_wishes (store_id, customer_id, sku, order_id, wished_at, wording, asked, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, 1, $5) ON CONFLICT (store_id, customer_id, order_id) DO NOTHING
"""
KNOWN = """
SELECT asked, asked_at, confirmed_at IS NOT NULL AS confirmed FROM monthly_wishes
WHERE store_id = $1 AND customer_id = $2 AND order_id = $3 FOR UPDATE
"""
AGAIN = """
UPDATE monthly_wishes SET sku = $4, wished_at = $5, wording = $6, asked = asked + 1, asked_at = $5
WHERE store_id = $1 AND customer_id = $2 AND order_id = $3
"""
CONFIRM = """
UPDATE monthly_wishes SET confirmed_at = $5, confirmed_wording = $6
WHERE store_id = $1 AND customer_id = $2 AND order_id = $3 AND sku = $4 AND confirmed_at IS NULL
"""
ERASE = "DELETE FROM monthly_wishes WHERE store_id = $1 AND customer_id = ANY ($2::text[])"
UNCONFIRMED = """
DELETE FROM monthly_wishes WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM monthly_wishes
    WHERE store_id = $1 AND asked_at < $2 AND confirmed_at IS NULL LIMIT $3 FOR UPDATE SKIP LOCKED
))
"""
OLD = """
DELETE FROM monthly_wishes WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM monthly_wishes WHERE store_id = $1 AND asked_at < $2 AND confirmed_at < $2 LIMIT $3
    FOR UPDATE SKIP LOCKED
))
"""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was sent, of which the hash of the link is known. `sku` is None where it is about what the order
    holds.
    """

    store_id: str
    customer_id: str
    channel: str
    order_id: str
    sku: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """A wish that was there before: how often its yes was asked for, when last, and whether there was one."""

    asked: int
    asked_at: datetime
    confirmed: bool


async def asked(connection: Connection, link: bytes, kind: str, valid: timedelta) -> Question | None:
    """The letter of a kind that asked first, by its hashed link, if it is not older than `valid`."""
    row = await connection.fetchrow(ASKED, link, kind, valid)
    return None if row is None else Question(**row)


async def to_confirm(connection: Connection, link: bytes, kind: str, valid: timedelta) -> Question | None:
    """The message of a kind that asks for the yes, by its hashed link, if it is not older than `valid`."""
    row = await connection.fetchrow(TO_CONFIRM, link, kind, valid)
    return None if row is None else Question(**row)


async def add(connection: Connection, of: Question, sku: str, wording: str, now: datetime) -> Known | None:
    """Writes a wish down; the one that is there already, locked, if there is one, which is left as it is."""
    written = await connection.execute(WISH, of.store_id, of.customer_id, sku, of.order_id, now, wording)
    if rows_affected(written):
        return None
    row = await connection.fetchrow(KNOWN, of.store_id, of.customer_id, of.order_id)
    return None if row is None else Known(**row)


async def ask_again(connection: Connection, of: Question, sku: str, wording: str, now: datetime) -> None:
    """Notes that the yes to a wish is asked for once more."""
    await connection.execute(AGAIN, of.store_id, of.customer_id, of.order_id, sku, now, wording)


async def confirm(connection: Connection, of: Question, wording: str, now: datetime) -> bool:
    """Notes the yes to a wish; False where it has one, or is not there any more."""
    which = (of.store_id, of.customer_id, of.order_id, of.sku)
    return rows_affected(await connection.execute(CONFIRM, *which, now, wording)) == 1


async def erase(connection: Connection, store_id: str, customer_ids: Sequence[str]) -> int:
    """Forgets the wishes of customers; returns how many."""
    return rows_affected(await connection.execute(ERASE, store_id, customer_ids))


async def remove_unconfirmed(connection: Connection, store_id: str, before: datetime, limit: int) -> int:
    """Removes up to `limit` wishes whose yes was asked for before then, and never came; returns how many."""
    return rows_affected(await connection.execute(UNCONFIRMED, store_id, before, limit))


async def remove_old(connection: Connection, store_id: str, before: datetime, limit: int) -> int:
    """Removes up to `limit` wishes that were confirmed before then; returns how many."""
    return rows_affected(await connection.execute(OLD, store_id, before, limit))
