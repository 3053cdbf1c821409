"""Levels and prices as a store's servers tell them: each call once, whole, in one transaction."""

from pydantic_core import to_json

from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.announcing import Committed
from services.cart.bulk import Rows, bulk_answer
from services.cart.cart import Moment
from services.cart.intent import Answer, Intent
from services.cart.once import Work, once
from services.cart.supply import Level, Price
from services.cart.taking import take_levels, take_prices
from services.cart.thresholds import Thresholds


class Stocking:
    """What servers tell of levels and prices. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed) -> None:
        self._pool, self._clock, self._committed = pool, clock, committed

    async def set_level(self, store_id: str, level: Level, thresholds: Thresholds, intent: Intent) -> Answer:
        """Sets one level; it is told if it changed."""

        async def work(connection: Connection) -> Answer:
            taken = await take_levels(connection, store_id, [level], thresholds, lambda: self._moment(intent))
            counts = {"changed": len(taken.changed), "stale": len(taken.stale)}
            return Answer(to_json({"levels": [level.model_dump()], **counts}))

        return await self._once(intent, work)

    async def set_levels(self, store_id: str, rows: Rows[Level], thresholds: Thresholds, intent: Intent) -> Answer:
        """Sets the levels of all rows that are right; only those that changed are told."""

        async def work(connection: Connection) -> Answer:
            taken = await take_levels(connection, store_id, rows.given, thresholds, lambda: self._moment(intent))
            return bulk_answer(rows, taken)

        return await self._once(intent, work)

    async def set_price(self, store_id: str, price: Price, intent: Intent) -> Answer:
        """Sets what a sku costs: carts that hold it show it as a notice, from the next read on."""

        async def work(connection: Connection) -> Answer:
            taken = await take_prices(connection, store_id, [price], self._moment(intent))
            counts = {"changed": len(taken.changed), "stale": len(taken.stale)}
            return Answer(to_json({"prices": [price.model_dump()], **counts}))

        return await self._once(intent, work)

    async def set_prices(self, store_id: str, rows: Rows[Price], intent: Intent) -> Answer:
        """Sets the prices of all rows that are right."""

        async def work(connection: Connection) -> Answer:
            return bulk_answer(rows, await take_prices(connection, store_id, rows.given, self._moment(intent)))

        return await self._once(intent, work)

    async def _once(self, intent: Intent, work: Work) -> Answer:
        answer = await once(self._pool, intent, work)
        self._committed()
        return answer

    def _moment(self, intent: Intent) -> Moment:
        """Asked for once locks are held: a change must not be dated before those that it waited for."""
        return Moment(intent.occurred_at or self._clock(), intent.device)
