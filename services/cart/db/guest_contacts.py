"""Addresses that guests have left: consents with their words, and whose carts are over. Takes a connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.cart.domain.customers.guest_contact import Agreement

AGREE = """
INSERT INTO consents (store_id, customer_id, channel, wording, page, agreed_at, asked_version)
SELECT $1, $2, channel, wording, page, agreed_at, asked_version
FROM unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[])
    AS said (channel, wording, page, agreed_at, asked_version)
"""
REPLACED = "DELETE FROM consents WHERE store_id = $1 AND customer_id = $2 AND channel <> ALL ($3::text[])"
AGREEMENTS = """
SELECT channel, wording, page, agreed_at, asked_version, confirmed_at FROM consents
WHERE store_id = $1 AND customer_id = $2
"""
# An answer for an older address is none for the one that is left now.
CONFIRM = """
UPDATE consents SET confirmed_at = $5, confirmed_wording = $6
WHERE store_id = $1 AND customer_id = $2 AND channel = $3 AND asked_version <= $4 AND confirmed_at IS NULL
"""
DROP_UNCONFIRMED = """
DELETE FROM consents WHERE store_id = $1 AND customer_id = $2 AND asked_version IS NOT NULL AND confirmed_at IS NULL
    AND ($3::text IS NULL OR channel = $3)
"""
FORGET_CONSENTS = "DELETE FROM consents WHERE store_id = $1 AND customer_id = ANY ($2::text[])"
MOVE_CONSENTS = """
UPDATE consents SET customer_id = $3 WHERE store_id = $1 AND customer_id = $2
"""
CONSENTS = """
SELECT channel, wording, page, agreed_at, asked_version IS NOT NULL AS asked, confirmed_at, confirmed_wording
FROM consents WHERE store_id = $1 AND customer_id = $2 ORDER BY channel
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
) AS over, EXISTS (
    SELECT FROM consents AS said WHERE said.store_id = g.store_id AND said.customer_id = g.recipient_id
        AND said.asked_version IS NOT NULL AND said.confirmed_at IS NULL AND said.agreed_at < $3) AS unanswered
FROM guest_recipients AS g LEFT JOIN carts AS c USING (cart_id)
WHERE g.recipient_id > $1 ORDER BY g.recipient_id LIMIT $2
"""
# Who shares an address with one of these customers, and is a guest.
AT_SAME_ADDRESS = """
SELECT other.customer_id FROM profiles AS mine JOIN profiles AS other
    ON other.store_id = mine.store_id AND lower(other.email) = lower(mine.email)
WHERE mine.store_id = $1 AND mine.customer_id = ANY ($2::text[]) AND other.customer_id LIKE 'guest:%'
    AND other.customer_id <> ALL ($2::text[])
UNION
SELECT other.customer_id FROM profiles AS mine JOIN profiles AS other
    ON other.store_id = mine.store_id AND other.phone = mine.phone
WHERE mine.store_id = $1 AND mine.customer_id = ANY ($2::text[]) AND other.customer_id LIKE 'guest:%'
    AND other.customer_id <> ALL ($2::text[])
UNION
SELECT other.customer_id FROM profiles AS mine CROSS JOIN jsonb_each(mine.handles) AS one (channel, known)
JOIN profiles AS other ON other.store_id = mine.store_id AND other.handles <> '{}'
    AND other.handles @> jsonb_build_object(one.channel, jsonb_build_object('handle', one.known -> 'handle'))
WHERE mine.store_id = $1 AND mine.customer_id = ANY ($2::text[]) AND other.customer_id LIKE 'guest:%'
    AND other.customer_id <> ALL ($2::text[])
"""


@dataclass(frozen=True, slots=True)
class GuestPage:
    """Guests of one page of a walk, as store and recipient: whose carts are `over`, and who of the others has not
    answered in time. `place` is the next one, empty at the end.
    """

    place: str
    over: list[tuple[str, str]]
    unanswered: list[tuple[str, str]]


async def agree(connection: Connection, store_id: str, recipient_id: str, agreements: Sequence[Agreement]) -> None:
    """Keeps what somebody has agreed to instead of any before; what was confirmed stays as it is."""
    kept = [one.channel for one in agreements if one.confirmed_at is not None]
    new = [one for one in agreements if one.confirmed_at is None]
    await connection.execute(REPLACED, store_id, recipient_id, kept)
    columns = zip(*((one.channel, one.wording, one.page, one.agreed_at, one.asked_version) for one in new), strict=True)
    if new:
        await connection.execute(AGREE, store_id, recipient_id, *(list(column) for column in columns))


async def agreements(connection: Connection, store_id: str, customer_id: str) -> dict[str, Agreement]:
    """What somebody has agreed to, by channel."""
    rows = await connection.fetch(AGREEMENTS, store_id, customer_id)
    return {row["channel"]: Agreement(**row) for row in rows}


async def confirm(
    connection: Connection, store_id: str, customer_id: str, channel: str, version: int, at: datetime, wording: str
) -> bool:
    """Writes down that the address of a profile of this version has said yes; whether that was waited for."""
    done = await connection.execute(CONFIRM, store_id, customer_id, channel, version, at, wording)
    return rows_affected(done) == 1


async def drop_unconfirmed(connection: Connection, store_id: str, customer_id: str, channel: str | None = None) -> None:
    """Forgets consents that no address has confirmed; those for one channel, where it is told."""
    await connection.execute(DROP_UNCONFIRMED, store_id, customer_id, channel)


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
    """What somebody agreed to, and what was answered: channel, wording, page, agreed_at, asked, confirmed_at and the
    wording of the question that was confirmed.
    """
    return await connection.fetch(CONSENTS, store_id, customer_id)


async def name(connection: Connection, store_id: str, recipient_id: str, cart_id: UUID) -> None:
    """Notes who is written to about a cart."""
    await connection.execute(NAME, recipient_id, store_id, cart_id)


async def page(connection: Connection, after: str, limit: int, asked_before: datetime) -> GuestPage:
    """A page of a walk through all guests; unanswered is who agreed before then."""
    rows = await connection.fetch(PAGE, after, limit, asked_before)
    over = [(row["store_id"], row["recipient_id"]) for row in rows if row["over"]]
    unanswered = [(row["store_id"], row["recipient_id"]) for row in rows if row["unanswered"] and not row["over"]]
    return GuestPage(rows[-1]["recipient_id"] if len(rows) == limit else "", over, unanswered)


async def at_same_address(connection: Connection, store_id: str, names: Sequence[str]) -> list[str]:
    """The guests who have left an address that one of these customers has."""
    return [row["customer_id"] for row in await connection.fetch(AT_SAME_ADDRESS, store_id, names)]
