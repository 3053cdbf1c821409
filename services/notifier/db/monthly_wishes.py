"""Products that somebody would like to have again and again. Functions take a connection, and never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

# Held until the end: an erasure takes the message and what was answered together.
ASKED = """
SELECT store_id, customer_id, channel, order_id FROM deliveries
WHERE unsubscribe_link = $1 AND kind = $2 AND channel = 'email' AND order_id IS NOT NULL
    AND sending_at > now() - $3::interval
FOR KEY SHARE
"""
TO_CONFIRM = """
SELECT d.store_id, d.customer_id, d.channel, d.order_id, coalesce(w.every, 'month') AS every, array_prepend(
    d.sku, ARRAY(SELECT item ->> 'sku' FROM jsonb_array_elements(coalesce(d.also_low, '[]')) AS item)
) AS skus
FROM deliveries AS d
LEFT JOIN monthly_wishes AS w USING (store_id, customer_id, order_id)
WHERE d.cart_link = $1 AND d.kind = $2 AND d.order_id IS NOT NULL AND d.sending_at > now() - $3::interval
FOR KEY SHARE OF d
"""
WISH = """
INSERT INTO monthly_wishes (store_id, customer_id, order_id, sku, skus, every, wished_at, wording, asked, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $7) ON CONFLICT (store_id, customer_id, order_id) DO NOTHING
"""
KNOWN = """
SELECT asked, asked_at, confirmed_at IS NOT NULL AS confirmed FROM monthly_wishes
WHERE store_id = $1 AND customer_id = $2 AND order_id = $3 FOR UPDATE
"""
AGAIN = """
UPDATE monthly_wishes
SET sku = $4, skus = $5, every = $6, wished_at = $7, wording = $8, asked = asked + 1, asked_at = $7
WHERE store_id = $1 AND customer_id = $2 AND order_id = $3
"""
CONFIRM = """
UPDATE monthly_wishes SET confirmed_at = $6, confirmed_wording = $7
WHERE store_id = $1 AND customer_id = $2 AND order_id = $3 AND coalesce(skus, ARRAY[sku]) = $4
    AND coalesce(every, 'month') = $5 AND confirmed_at IS NULL
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
    """A question that was sent, of which the hash of the link is known: whether products should come, and how often.
    Without `skus` it is about what the order holds.
    """

    store_id: str
    customer_id: str
    channel: str
    order_id: str
    every: str = "month"
    skus: tuple[str, ...] = ()


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
    return None if row is None else Question(**{**row, "skus": tuple(row["skus"])})


async def add(connection: Connection, of: Question, wording: str, now: datetime) -> Known | None:
    """Writes a wish down; the one that is there already, locked, if there is one, which is left as it is."""
    written = await connection.execute(WISH, *_said(of), now, wording)
    if rows_affected(written):
        return None
    row = await connection.fetchrow(KNOWN, of.store_id, of.customer_id, of.order_id)
    return None if row is None else Known(**row)


async def ask_again(connection: Connection, of: Question, wording: str, now: datetime) -> None:
    """Notes that the yes to a wish is asked for once more."""
    await connection.execute(AGAIN, *_said(of), now, wording)


async def confirm(connection: Connection, of: Question, wording: str, now: datetime) -> bool:
    """Notes the yes to a wish; False where it has one, or is not there any more."""
    which = (of.store_id, of.customer_id, of.order_id, of.skus, of.every)
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


def _said(of: Question) -> tuple[str, str, str, str, tuple[str, ...], str]:
    """Whose wish it is, and for what; a release of before reads the first product alone."""
    return of.store_id, of.customer_id, of.order_id, of.skus[0], of.skus, of.every
