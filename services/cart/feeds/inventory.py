"""Levels and prices as the shop's systems tell of them on `inventory.feed`: the same as by the API, each record once.

A batch is one transaction, with a note of how far its partitions were taken in: a record that comes again, after a
crash or to another process, is dropped by its offset, whether or not it has a sequence.
"""

from collections.abc import Mapping, Sequence

from libs.contracts.codec import UnreadableError
from libs.contracts.topics import INVENTORY_FEED
from libs.inbox.consumer import Received, Refused
from libs.inbox.records import Wire
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import feed_progress
from services.cart.db.feed_progress import Progress
from services.cart.domain.cart import Moment
from services.cart.domain.errors import Refusal
from services.cart.domain.request import Answer, Intent
from services.cart.feeds.consumer import RECORDS
from services.cart.feeds.inventory_records import Goods, read_inventory_record
from services.cart.live.names import Changed, goods
from services.cart.live.publisher import Committed
from services.cart.once import once
from services.cart.stores.registry import Book
from services.cart.taking import take_levels, take_prices

CALLER = "f:inventory"
Batch = Sequence[Received[Goods]]


class InventoryFeed:
    """Takes levels and prices in, a batch at a time."""

    topic = INVENTORY_FEED

    def __init__(self, pool: Pool, book: Book, clock: Clock, committed: Committed) -> None:
        self._pool, self._book, self._clock, self._committed = pool, book, clock, committed

    def read(self, wire: Wire) -> Goods:
        """What a record says. Raises `UnreadableError`, also for a store that is not known."""
        record = read_inventory_record(wire.value)
        if self._book.get(record.store_id) is None:
            raise UnreadableError("store_id: there is no such store")
        return record

    async def take(self, batch: Batch) -> Sequence[Refused[Goods]]:
        """Takes a batch in, in its order; late records change nothing, and none is refused."""
        changed: list[Changed] = []
        counts: dict[str, int] = {}

        async def work(connection: Connection) -> Answer:
            fresh = await self._fresh(connection, batch)
            changed.clear()
            late = 0
            for store_id in sorted({one.event.store_id for one in fresh}):
                told = [one.event for one in fresh if one.event.store_id == store_id]
                late += await self._take(connection, store_id, told, changed)
            counts.update(known=len(batch) - len(fresh), late=late, taken=len(fresh) - late)
            return Answer(b"", 204)

        try:
            await once(self._pool, Intent("", CALLER, b""), work)
        except Refusal as refusal:  # too many races lost: it will pass
            raise TimeoutError(refusal.detail) from None
        self._committed(*changed)
        for outcome, number in counts.items():
            RECORDS.labels("inventory", outcome).inc(number)
        return ()

    async def _fresh(self, connection: Connection, batch: Batch) -> Batch:
        """Those that were not taken in before; notes that they are."""
        known = await feed_progress.hold(connection, self.topic.name, sorted({one.partition for one in batch}))
        fresh = [one for one in batch if _is_new(one, known)]
        await feed_progress.note(connection, self.topic.name, _reached(fresh))
        return fresh

    async def _take(self, connection: Connection, store_id: str, told: Sequence[Goods], changed: list[Changed]) -> int:
        """Takes in what was told of one store; returns how many records were late, in whole or in part."""
        entry = self._book.get(store_id)
        if entry is None:  # closed since the record was read
            return len(told)
        moment = Moment(self._clock())
        levels = [(number, level) for number, one in enumerate(told) if (level := one.level()) is not None]
        prices = [(number, price) for number, one in enumerate(told) if (price := one.costs()) is not None]
        thresholds = entry.store.thresholds
        stock = await take_levels(connection, store_id, [one for _, one in levels], thresholds, lambda: moment)
        costs = await take_prices(connection, store_id, [one for _, one in prices], moment)
        changed += goods(store_id, sorted({*stock.changed, *costs.changed}))
        return len({levels[n][0] for n in stock.stale} | {prices[n][0] for n in costs.stale})


def _is_new(one: Received[Goods], known: Mapping[int, Progress]) -> bool:
    """An older offset with a newer time is the first record of a topic that was made anew."""
    before = known.get(one.partition)
    return before is None or one.offset > before.taken or one.timestamp > before.written_at


def _reached(fresh: Batch) -> dict[int, Progress]:
    reached: dict[int, Progress] = {}
    for one in fresh:
        at = reached[one.partition].written_at if one.partition in reached else one.timestamp
        reached[one.partition] = Progress(one.offset, max(at, one.timestamp))
    return reached
