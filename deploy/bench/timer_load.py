"""The trigger's timers against a tape of their own statements: what deciding costs over the SQL."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from deploy.bench.shoppers import LINES
from deploy.bench.sql_load import events
from deploy.bench.tape import Recorder, Tape
from libs.contracts.events import CartEvent
from libs.contracts.topics import CART_EVENTS
from libs.inbox.consumer import BATCH, Received
from libs.postgres.pool import Connection, Pool, open_pool
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.consumer import Consumer
from services.trigger.db.progress import advance
from services.trigger.domain.campaigns import LONG_AGO
from services.trigger.main import MIGRATIONS
from services.trigger.settings import TriggerSettings
from services.trigger.timers import Timers

_CLEAR = "TRUNCATE carts, holdings, decisions, partition_progress, outbox"
_CAMPAIGNS = MIGRATIONS.parent / "campaigns"
_AGO = timedelta(hours=2)
"""The first reminder was due an hour ago, within its lateness budget."""


class TimerLoad:
    """A scratch database of the trigger's. Carts are armed by five events each, then their timers fire."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._settings = TriggerSettings(database_url=SecretStr(dsn), settle_seconds=0, campaigns_dir=_CAMPAIGNS)
        self._tapes: tuple[Tape, Tape] | None = None

    async def ours(self, carts: int) -> tuple[float, float]:
        """Events a second while arming, and carts a second while firing, by the trigger's own code."""
        pool = await open_pool(self._dsn, size=2, name="bench")
        try:
            return await self._measure(pool, await self._book(pool), carts)
        finally:
            await pool.close()

    async def bare(self, carts: int) -> tuple[float, float]:
        """The same by the same statements alone."""
        pool = await open_pool(self._dsn, size=1, name="bench")
        try:
            async with pool.acquire() as connection:
                arming, firing = self._tapes or await self._record(pool, connection, carts)
                await connection.execute(_CLEAR)
                armed = await _timed(arming, connection)
                await _read_through(connection)
                fired = await _timed(firing, connection)
                return carts * LINES / armed, carts / fired
        finally:
            await pool.close()

    async def _measure(self, pool: Pool, book: CampaignRegistry, carts: int) -> tuple[float, float]:
        await pool.execute(_CLEAR)
        batches = _batches(carts)
        consumer, timers = Consumer(self._settings, pool, book), Timers(self._settings, pool, book)
        began = time.perf_counter()
        for batch in batches:
            await consumer.handle(batch)
        armed = time.perf_counter()
        async with pool.acquire() as connection:
            await _read_through(connection)
        ready, fired = time.perf_counter(), 0
        while number := await timers.fire():
            fired += number
        assert fired == carts, f"{fired} of {carts} timers fired"
        return carts * LINES / (armed - began), carts / (time.perf_counter() - ready)

    async def _record(self, pool: Pool, connection: Connection, carts: int) -> tuple[Tape, Tape]:
        book = await self._book(pool, connection)
        await connection.execute(_CLEAR)
        arming, firing = Recorder(connection), Recorder(connection)
        consumer = Consumer(self._settings, arming.pool, book)
        for batch in _batches(carts):
            await consumer.handle(batch)
        await _read_through(connection)
        timers = Timers(self._settings, firing.pool, book)
        while await timers.fire():
            continue
        self._tapes = arming.tape, firing.tape
        return self._tapes

    async def _book(self, pool: Pool, connection: "Connection | None" = None) -> CampaignRegistry:
        """The shipped campaigns, as if they had always been on."""
        source = Recorder(connection).pool if connection else pool
        book = CampaignRegistry(Path(_CAMPAIGNS), source, lambda: LONG_AGO)
        await book.open()
        return book


def _batches(carts: int) -> list[list[Received[CartEvent]]]:
    found = [
        Received(event, CART_EVENTS.name, event.cart_id.int % CART_EVENTS.partitions, offset, event.occurred_at)
        for offset, event in enumerate(events(carts * LINES, datetime.now(UTC) - _AGO))
    ]
    return [found[start : start + BATCH] for start in range(0, len(found), BATCH)]


async def _read_through(connection: Connection) -> None:
    """Every partition has been read up to now: what is due may fire."""
    await advance(connection, dict.fromkeys(range(CART_EVENTS.partitions), datetime.now(UTC)))


async def _timed(tape: Tape, connection: Connection) -> float:
    began = time.perf_counter()
    await tape.play(connection)
    return time.perf_counter() - began
