"""Closes carts that nobody touches any more, and removes those that were closed long ago, a little in each round."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from prometheus_client import Counter

from libs.outbox.store import append
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import expired_carts
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.retention import Lifetime, expire_cart, is_over

PAGE = 2_000
BATCH = 100
ROUND_PAGES = 5
START = UUID(int=0)

EXPIRED = Counter("evercart_cart_expired_total", "Carts closed because nobody had touched them for their store's time")
REMOVED = Counter("evercart_cart_removed_total", "Closed carts removed because their store keeps them no longer")


class CartExpiry:
    """Walks the active carts of each store, a few pages a round, and starts again at the end.

    The walk reads by an index that no change of lines touches; it locks only what it closes, in batches, and passes
    over what somebody holds: the next walk sees that again.
    """

    def __init__(self, pool: Pool, clock: Clock, lifetimes: Callable[[], Mapping[str, Lifetime]]) -> None:
        self._pool, self._clock, self._lifetimes = pool, clock, lifetimes
        self._places: dict[str, UUID] = {}

    async def round(self) -> int:
        """One round over all stores; returns how many carts were closed."""
        closed = 0
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            for store_id, lifetime in self._lifetimes().items():
                for _ in range(ROUND_PAGES):
                    closed += await self._page(connection, store_id, lifetime)
                    if self._places[store_id] == START:
                        break
                await self._remove(connection, store_id, lifetime)
        return closed

    async def _page(self, connection: Connection, store_id: str, lifetime: Lifetime) -> int:
        now = self._clock()
        found = await expired_carts.page(connection, store_id, self._places.get(store_id, START), PAGE)
        self._places[store_id] = found[-1]["cart_id"] if len(found) == PAGE else START
        over = [
            row["cart_id"]
            for row in found
            if is_over(lifetime, guest=row["guest"], empty=row["empty"], touched=row["updated_at"], now=now)
        ]
        return sum(
            [await self._expire(connection, over[at : at + BATCH], lifetime) for at in range(0, len(over), BATCH)]
        )

    async def _expire(self, connection: Connection, cart_ids: list[UUID], lifetime: Lifetime) -> int:
        context = Context(self._clock())
        async with connection.transaction():
            held = await expired_carts.lock(connection, cart_ids)
            changes = [change for cart in held if (change := expire_cart(cart, lifetime, context)) is not None]
            await expired_carts.expire(connection, [change.cart for change in changes])
            await append(connection, [change.event for change in changes], SOURCE)
        EXPIRED.inc(len(changes))
        return len(changes)

    async def _remove(self, connection: Connection, store_id: str, lifetime: Lifetime) -> None:
        before = self._clock() - lifetime.closed
        REMOVED.inc(await expired_carts.remove(connection, store_id, first_id(before), before, BATCH))


def first_id(at: datetime) -> UUID:
    """No UUIDv7 that was made from `at` on is less than this (RFC 9562, 5.7: milliseconds lead)."""
    return UUID(int=max(int(at.timestamp() * 1000), 0) << 80)
