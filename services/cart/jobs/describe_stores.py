"""Tells the other services what the stores are: made, changed and closed ones, whoever says so."""

import asyncio
from collections.abc import Callable
from typing import Any

from libs.contracts.events import Event, StoreClosed, StoreDescribed
from libs.outbox.store import append
from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from libs.runtime.ids import uuid7
from libs.runtime.run_every import run_every
from services.cart.db import store_descriptions
from services.cart.db.save_cart import SOURCE
from services.cart.domain.store_description import description
from services.cart.stores.registry import StoreRegistry

INTERVAL_S = 5.0
"""When a round failed; a change starts one at once."""


class StoreDescriptions:
    """Compares what the registry says with what was told. Any number may run: what is told already is told once.

    A process tells what changes before its own eyes only, so that two that are given different files do not contradict
    each other for ever.
    """

    def __init__(self, pool: Pool, stores: StoreRegistry, clock: Clock, committed: Callable[[], None]) -> None:
        self._pool, self._stores, self._clock, self._committed = pool, stores, clock, committed
        self._told: dict[str, dict[str, Any]] = {}
        self._changed = asyncio.Event()
        stores.subscribe(lambda _: self._changed.set())

    async def open(self) -> None:
        """Reads what was told; before the stores are read, or one that is made meanwhile would look closed."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            self._told = await store_descriptions.told(connection)

    async def run(self) -> None:
        """Tells until cancelled; an outage is waited out."""
        await run_every(INTERVAL_S, self.round, "describing.failed", FAILURES, wake=self._changed)

    async def round(self) -> int:
        """Tells what is new; returns of how many stores. One that can't be read here has not gone."""
        entries = (self._stores.get(store_id) for store_id in self._stores.ids())
        now = {entry.store_id: description(entry.store) for entry in entries if entry is not None}
        new: dict[str, dict[str, Any] | None] = {
            store_id: said for store_id, said in now.items() if self._told.get(store_id) != said
        }
        new |= dict.fromkeys(self._told.keys() - now.keys() - self._stores.unusable)
        if not new:
            return 0
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            for store_id, said in new.items():
                await self._tell(connection, store_id, said)
        self._committed()
        return len(new)

    async def _tell(self, connection: Connection, store_id: str, said: dict[str, Any] | None) -> None:
        async with connection.transaction():
            version = await store_descriptions.tell(connection, store_id, said)
            if version is not None:
                await append(connection, [self._event(store_id, version, said)], SOURCE)
        if said is None:
            self._told.pop(store_id, None)
        else:
            self._told[store_id] = said

    def _event(self, store_id: str, version: int, said: dict[str, Any] | None) -> Event:
        envelope = {"event_id": uuid7(), "occurred_at": self._clock(), "store_id": store_id}
        if said is None:
            return StoreClosed.model_validate(envelope)
        return StoreDescribed.model_validate({**envelope, "store_version": version, **said})
