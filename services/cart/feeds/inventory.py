"""Levels and prices as the shop's systems tell of them on `inventory.feed`: the same as by the API, each record once.

A batch is one transaction, with a note of how far its partitions were taken in: a record that comes again, after a
crash or to another process, is dropped by its offset, whether or not it has a sequence. Records are plain JSON, a
level, a price, or both of one sku; fields that are not known are passed over, as in all feeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import ConfigDict, Field, ValidationError, model_validator

from libs.contracts.codec import UnreadableError, data_of, faults
from libs.contracts.topics import INVENTORY_FEED
from libs.inbox.consumer import Received, Refused
from libs.inbox.records import Wire
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import feed_progress
from services.cart.db.feed_progress import Progress
from services.cart.domain.cart import Context
from services.cart.domain.commands import Body, Name
from services.cart.domain.currency import Currency
from services.cart.domain.errors import Refusal
from services.cart.domain.goods import GoodsName, Options
from services.cart.domain.limits import MAX_AVAILABLE, MAX_PRICE, MAX_SEQUENCE
from services.cart.domain.stock.commands import Level, Price
from services.cart.feeds.consumer import RECORDS
from services.cart.handlers.stock import save_levels, save_prices
from services.cart.handlers.transaction import in_transaction
from services.cart.live.names import Changed, goods
from services.cart.live.publisher import Committed
from services.cart.stores.registry import StoreRegistry

_LEVEL = {"sku", "available", "location", "sequence", "category", "threshold"}
_PRICE = {"sku", "price", "currency", "options", "sequence"}


class Goods(Body):
    """How many there are (`available`), what one costs (`price` in minor units of `currency`), or both. The price is
    of a choice of `options` where these are named.

    `sequence` grows with every record of the same sku: an older level at the same place, or price in the same currency,
    is dropped.
    """

    model_config = ConfigDict(extra="ignore")

    store_id: Name
    sku: GoodsName
    available: int | None = Field(default=None, ge=0, le=MAX_AVAILABLE)
    location: GoodsName | None = None
    category: GoodsName | None = None
    threshold: int | None = Field(default=None, ge=0, le=MAX_AVAILABLE)
    price: int | None = Field(default=None, ge=0, le=MAX_PRICE)
    currency: Currency | None = None
    options: Options = Field(default_factory=dict)
    sequence: int | None = Field(default=None, ge=0, le=MAX_SEQUENCE)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.available is None and self.price is None:
            raise ValueError("neither available nor price is there")
        if (self.price is None) != (self.currency is None):
            raise ValueError("price and currency belong together")
        return self

    def level(self) -> Level | None:
        """The level of the record."""
        if self.available is None:
            return None
        return Level.model_validate(self.model_dump(include=_LEVEL & self.model_fields_set))

    def costs(self) -> Price | None:
        """The price of the record."""
        if self.price is None:
            return None
        return Price.model_validate(self.model_dump(include=_PRICE & self.model_fields_set))


def read_inventory_record(value: bytes | None) -> Goods:
    """What a record of `inventory.feed` says. Raises `UnreadableError` with a reason that names no values."""
    data_of(value)
    try:
        return Goods.model_validate_json(value or b"")
    except ValidationError as error:
        raise UnreadableError(faults(error)) from None


Batch = Sequence[Received[Goods]]


class InventoryFeed:
    """Takes levels and prices in, a batch at a time."""

    topic = INVENTORY_FEED

    def __init__(self, pool: Pool, registry: StoreRegistry, clock: Clock, committed: Committed) -> None:
        self._pool, self._registry, self._clock, self._committed = pool, registry, clock, committed

    def read(self, wire: Wire) -> Goods:
        """What a record says. Raises `UnreadableError`, also for a store that is not known."""
        record = read_inventory_record(wire.value)
        if self._registry.get(record.store_id) is None:
            raise UnreadableError("store_id: there is no such store")
        return record

    async def handle(self, batch: Batch) -> Sequence[Refused[Goods]]:
        """Takes a batch in, in its order; late records change nothing, and none is refused."""
        try:
            taken = await in_transaction(self._pool, self._save, batch)
        except Refusal as refusal:  # too many races lost: it will pass
            raise TimeoutError(refusal.detail) from None
        self._committed(*taken.changed)
        for outcome, number in taken.outcomes.items():
            RECORDS.labels("inventory", outcome).inc(number)
        return ()

    async def _save(self, connection: Connection, batch: Batch) -> "Taken":
        fresh = await self._fresh(connection, batch)
        changed, late = list[Changed](), 0
        for store_id in sorted({one.event.store_id for one in fresh}):
            records = [one.event for one in fresh if one.event.store_id == store_id]
            moved, late_here = await self._save_of_store(connection, store_id, records)
            changed += moved
            late += late_here
        return Taken(changed, {"known": len(batch) - len(fresh), "late": late, "taken": len(fresh) - late})

    async def _fresh(self, connection: Connection, batch: Batch) -> Batch:
        """Those that were not taken in before; notes that they are."""
        known = await feed_progress.lock(connection, self.topic.name, sorted({one.partition for one in batch}))
        fresh = [one for one in batch if _is_new(one, known)]
        await feed_progress.note(connection, self.topic.name, _reached(fresh))
        return fresh

    async def _save_of_store(
        self, connection: Connection, store_id: str, records: Sequence[Goods]
    ) -> tuple[Sequence[Changed], int]:
        """Saves what one store told: the goods that changed, and how many records were late, if only in part."""
        entry = self._registry.get(store_id)
        if entry is None:  # closed since the record was read
            return (), len(records)
        context = Context(self._clock())
        levels = [(number, level) for number, one in enumerate(records) if (level := one.level()) is not None]
        prices = [(number, price) for number, one in enumerate(records) if (price := one.costs()) is not None]
        thresholds = entry.store.thresholds
        stock = await save_levels(connection, store_id, [one for _, one in levels], thresholds, lambda: context)
        costs = await save_prices(connection, store_id, [one for _, one in prices], context)
        late = {levels[number][0] for number in stock.stale} | {prices[number][0] for number in costs.stale}
        return goods(store_id, sorted({*stock.changed, *costs.changed})), len(late)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a batch came to: the goods that changed, and records by what became of them."""

    changed: Sequence[Changed]
    outcomes: Mapping[str, int]


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
