"""Levels and prices as a store's servers tell them: each call once, whole, in one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pydantic_core import to_json

from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.domain.cart import Moment
from services.cart.domain.request import Answer, Intent
from services.cart.domain.stock.bulk import Rows, Taken, bulk_answer
from services.cart.domain.stock.commands import Level, Price
from services.cart.domain.stock.thresholds import Thresholds
from services.cart.live.names import goods
from services.cart.live.publisher import Committed
from services.cart.once import once
from services.cart.taking import take_levels, take_prices


class Stocking:
    """What servers tell of levels and prices. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed) -> None:
        self._pool, self._clock, self._committed = pool, clock, committed

    async def set_level(self, store_id: str, level: Level, thresholds: Thresholds, intent: Intent) -> Answer:
        """Sets one level; it is told if it changed."""

        async def work(connection: Connection) -> Taken:
            return await take_levels(connection, store_id, [level], thresholds, lambda: self._moment(intent))

        return await self._once(intent, work, lambda taken: _answer({"levels": [level.model_dump()]}, taken))

    async def set_levels(self, store_id: str, rows: Rows[Level], thresholds: Thresholds, intent: Intent) -> Answer:
        """Sets the levels of all rows that are right; only those that changed are told."""

        async def work(connection: Connection) -> Taken:
            return await take_levels(connection, store_id, rows.given, thresholds, lambda: self._moment(intent))

        return await self._once(intent, work, lambda taken: bulk_answer(rows, taken))

    async def set_price(self, store_id: str, price: Price, intent: Intent) -> Answer:
        """Sets what a sku costs: carts that hold it show it as a notice, and open streams at once."""

        async def work(connection: Connection) -> Taken:
            return await take_prices(connection, store_id, [price], self._moment(intent))

        return await self._once(intent, work, lambda taken: _answer({"prices": [price.model_dump()]}, taken))

    async def set_prices(self, store_id: str, rows: Rows[Price], intent: Intent) -> Answer:
        """Sets the prices of all rows that are right."""

        async def work(connection: Connection) -> Taken:
            return await take_prices(connection, store_id, rows.given, self._moment(intent))

        return await self._once(intent, work, lambda taken: bulk_answer(rows, taken))

    async def _once(
        self, intent: Intent, work: Callable[[Connection], Awaitable[Taken]], answer: Callable[[Taken], Answer]
    ) -> Answer:
        moved: Sequence[str] = ()

        async def answered(connection: Connection) -> Answer:
            nonlocal moved
            taken = await work(connection)
            moved = taken.changed
            return answer(taken)

        done = await once(self._pool, intent, answered)
        self._committed(*goods(intent.store_id, moved))
        return done

    def _moment(self, intent: Intent) -> Moment:
        """Asked for once locks are held: a change must not be dated before those that it waited for."""
        return Moment(intent.occurred_at or self._clock(), intent.device)


def _answer(told: dict[str, Any], taken: Taken) -> Answer:
    return Answer(to_json({**told, "changed": len(taken.changed), "stale": len(taken.stale)}))
