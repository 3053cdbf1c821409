"""Everything that this service holds on a customer, as one JSON document that is written while it is read.

Page by page, each with a connection of its own: a customer of thousands of carts needs no more memory than one of a
hundred, and a slow reader holds nothing. So it is not one snapshot; what changes meanwhile may be told old or new.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool, Row
from libs.runtime.clock import Clock
from services.cart.db import exports, guest_contacts, identities, profiles, views, watches
from services.cart.db.carts import view_of

SCHEMA = "urn:evercart:export:cart:1"
PAGE = 100
NOT_LISTED = {
    "kept answers": "Copies of answers to the customer's own calls, for 24 hours at most.",
    "audit": "Says what the shop's servers did to the customer, under a keyed hash of the id.",
    "kafka": "Copies of changes; deploy/docs/retention.md says for how long.",
}
"""What is held besides, and why it is not repeated."""


class ExportHandlers:
    """Writes exports."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock

    async def export(self, store_id: str, customer_id: str) -> AsyncIterator[bytes]:
        """The document in pieces: names, contact data, carts with their receipts and seen notices, orders."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            owner = await identities.resolve(connection, store_id, customer_id)
            named = [dict(row) for row in await exports.identities(connection, store_id, owner)]
            names = [owner, *(one["identity"] for one in named)]
            left = [*names, *await guest_contacts.at_same_address(connection, store_id, names)]
            contacts = [await profiles.read(connection, store_id, name) for name in left]
            waits = await watches.of(connection, store_id, left)
            looked_at = [dict(row) for row in await views.of(connection, store_id, left)]
            agreed = [
                {"customer_id": name, **one}
                for name in left
                for one in await guest_contacts.consents(connection, store_id, name)
            ]
        head = {
            "schema": SCHEMA,
            "store_id": store_id,
            "customer_id": owner,
            "exported_at": self._clock(),
            "not_listed": NOT_LISTED,
            "identities": named,
            "profiles": [one.contact.model_dump() | one.model_dump(exclude={"contact"}) for one in contacts if one],
            "consents": agreed,
            "watches": [asdict(one) for one in waits],
            "views": looked_at,
        }
        yield to_json(head)[:-1]
        yield b',"carts":'
        async for piece in _array(self._carts(store_id, names)):
            yield piece
        yield b',"orders":'
        async for piece in _array(self._orders(store_id, names)):
            yield piece
        yield b"}"

    async def _carts(self, store_id: str, names: Sequence[str]) -> AsyncIterator[list[bytes]]:
        after, more = UUID(int=0), True
        while more:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                rows = await exports.carts(connection, store_id, names, after, PAGE)
                merged = await exports.merges(connection, [row["cart_id"] for row in rows])
                came_from = [one["from_cart_id"] for one in merged if one["from_cart_id"]]
                hashes = [one["guest_token_hash"] for one in merged if one["guest_token_hash"]]
                guests = await exports.guest_carts(connection, store_id, came_from, [], hashes)
                ids = [row["cart_id"] for row in (*rows, *guests)]
                about = await exports.acks(connection, ids), await exports.reservations(connection, ids)
            yield [_cart(row, merged, *about) for row in (*rows, *guests)]
            after, more = (rows[-1]["cart_id"], len(rows) == PAGE) if rows else (after, False)
        async for page in self._order_pages(store_id, names):
            ids = [cart_id for row in page for cart_id in (*row["closed_carts"], *row["next_carts"])]
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                guests = await exports.guest_carts(connection, store_id, [], ids, [])
                acks = await exports.acks(connection, [row["cart_id"] for row in guests])
            yield [_cart(row, [], acks, []) for row in guests]

    async def _orders(self, store_id: str, names: Sequence[str]) -> AsyncIterator[list[bytes]]:
        async for page in self._order_pages(store_id, names):
            yield [
                _with(dict(row), mismatches=row["mismatches"], units=row["units"], history=row["history"])
                for row in page
            ]

    async def _order_pages(self, store_id: str, names: Sequence[str]) -> AsyncIterator[Sequence[Row]]:
        after, more = "", True
        while more:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                rows = await exports.orders(connection, store_id, names, after, PAGE)
            yield rows
            after, more = (rows[-1]["order_id"], len(rows) == PAGE) if rows else (after, False)


async def _array(pages: AsyncIterator[list[bytes]]) -> AsyncIterator[bytes]:
    """A JSON array of what the pages hold."""
    between = b"["
    async for page in pages:
        if page:
            yield between + b",".join(page)
            between = b","
    yield b"[]" if between == b"[" else b"]"


def _cart(
    row: Row,
    merges: Iterable[Row],
    acks: Iterable[Row],
    reserved: Iterable[Row],
) -> bytes:
    """A cart as the API shows it, with what else is known of it."""
    own = b",".join(_merge(one) for one in merges if one["cart_id"] == row["cart_id"])
    shown = view_of(row).json(
        merged_into=row["merged_into"],
        order_id=row["order_id"],
        notices_seen=_of_cart(row, acks),
        reserved=_of_cart(row, reserved),
    )
    return b'%s,"merges":[%s]}' % (shown[:-1], own)


def _of_cart(cart: Row, rows: Iterable[Row]) -> list[dict[str, Any]]:
    of_it = (row for row in rows if row["cart_id"] == cart["cart_id"])
    return [{name: value for name, value in row.items() if name != "cart_id"} for row in of_it]


def _merge(row: Row) -> bytes:
    return _with({"undone_at": row["undone_at"]}, receipt=row["receipt"], undoing=row["undoing"])


def _with(members: dict[str, Any], **written: str | None) -> bytes:
    """An object whose last members are JSON already."""
    rest = "".join(f',"{name}":{text or "null"}' for name, text in written.items())
    return to_json({name: value for name, value in members.items() if name not in written})[:-1] + rest.encode() + b"}"
