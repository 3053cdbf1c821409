"""Levels and prices as a store's servers tell them: each call once, whole, in one transaction."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from libs.contracts.events import Event, LevelLow, LevelRecovered, LevelSet, PriceSet, ToldPrice
from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import inventory, reservations
from services.cart.db import prices as store_prices
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.stock.bulk import BulkResult, Rows, bulk_answer
from services.cart.domain.stock.commands import Level, Price, PriceOf, newest
from services.cart.domain.stock.levels import Crossing, Stock, Stocked, apply_levels, fallen, limit_of, moving_skus
from services.cart.domain.stock.thresholds import Thresholds
from services.cart.handlers.transaction import Result, commit_once
from services.cart.live.names import goods
from services.cart.live.publisher import Committed


class StockHandlers:
    """What servers tell of levels and prices. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed) -> None:
        self._pool, self._clock, self._committed = pool, clock, committed

    async def set_level(self, store_id: str, level: Level, thresholds: Thresholds, request: WriteRequest) -> Answer:
        """Sets one level; it is told if it changed."""
        return self._told(await commit_once(self._pool, request, self._level, store_id, level, thresholds, request))

    async def set_levels(
        self, store_id: str, rows: Rows[Level], thresholds: Thresholds, request: WriteRequest
    ) -> Answer:
        """Sets the levels of all rows that are right; only those that changed are told."""
        return self._told(await commit_once(self._pool, request, self._levels, store_id, rows, thresholds, request))

    async def set_price(self, store_id: str, price: Price, request: WriteRequest) -> Answer:
        """Sets what a sku costs: carts that hold it show it as a notice, and open streams at once."""
        return self._told(await commit_once(self._pool, request, self._price, store_id, price, request))

    async def set_prices(self, store_id: str, rows: Rows[Price], request: WriteRequest) -> Answer:
        """Sets the prices of all rows that are right."""
        return self._told(await commit_once(self._pool, request, self._prices, store_id, rows, request))

    async def _level(
        self, connection: Connection, store_id: str, level: Level, thresholds: Thresholds, request: WriteRequest
    ) -> Result:
        saved = await save_levels(connection, store_id, [level], thresholds, lambda: request.context(self._clock))
        return _result(request, saved, _answer({"levels": [level.model_dump()]}, saved))

    async def _levels(
        self, connection: Connection, store_id: str, rows: Rows[Level], thresholds: Thresholds, request: WriteRequest
    ) -> Result:
        saved = await save_levels(connection, store_id, rows.given, thresholds, lambda: request.context(self._clock))
        return _result(request, saved, bulk_answer(rows, saved))

    async def _price(self, connection: Connection, store_id: str, price: Price, request: WriteRequest) -> Result:
        saved = await save_prices(connection, store_id, [price], request.context(self._clock))
        return _result(request, saved, _answer({"prices": [price.model_dump()]}, saved))

    async def _prices(self, connection: Connection, store_id: str, rows: Rows[Price], request: WriteRequest) -> Result:
        saved = await save_prices(connection, store_id, rows.given, request.context(self._clock))
        return _result(request, saved, bulk_answer(rows, saved))

    def _told(self, result: Result) -> Answer:
        self._committed(*result.changed)
        return result.answer


def _result(request: WriteRequest, saved: BulkResult, answer: Answer) -> Result:
    return Result(answer, goods(request.store_id, saved.changed))


def _answer(given: dict[str, Any], saved: BulkResult) -> Answer:
    return Answer(to_json({**given, "changed": len(saved.changed), "stale": len(saved.stale)}))


PAGE = 500
"""Rows that are saved in one go: some 20 ms, in which nobody else is served."""


async def save_levels(
    connection: Connection,
    store_id: str,
    levels: Sequence[Level],
    thresholds: Thresholds,
    context: Callable[[], Context],
) -> BulkResult:
    """Sets levels and tells of what changed and what crossed. What changes nothing is not even locked.

    Page by page, in the order of the skus, so that others are served between the pages of a large call and two of them
    can't lock each other out. Raises `UniqueViolationError`, to be tried again, when a sku was first told of
    elsewhere meanwhile.
    """
    changed: list[str] = []
    stale: list[int] = []
    for numbers in _pages(levels):
        page = [levels[number] for number in numbers]
        saved = await _save_page(connection, store_id, page, thresholds, context)
        changed += saved.changed
        stale += [numbers[number] for number in saved.stale]
    return BulkResult(changed, sorted(stale))


def _pages(levels: Sequence[Level]) -> Iterator[list[int]]:
    """Places of levels, in the order of the skus; all of one sku stand in one page, in their own order."""
    ordered = sorted(range(len(levels)), key=lambda number: levels[number].sku)
    while ordered:
        end = PAGE
        while end < len(ordered) and levels[ordered[end]].sku == levels[ordered[end - 1]].sku:
            end += 1
        yield ordered[:end]
        ordered = ordered[end:]


async def _save_page(
    connection: Connection,
    store_id: str,
    levels: Sequence[Level],
    thresholds: Thresholds,
    context: Callable[[], Context],
) -> BulkResult:
    places = sorted({(level.sku, level.location) for level in levels if level.location is not None})
    known = await inventory.read(connection, store_id, sorted({level.sku for level in levels}), places)
    skus, stale = moving_skus(known, levels)
    if not skus:
        return BulkResult((), stale)
    held = [place for place in places if place[0] in skus]
    known = await inventory.read(connection, store_id, sorted(skus), held, lock=True)
    numbers = [number for number, level in enumerate(levels) if level.sku in skus]
    at = context()
    stocked = apply_levels(known, [levels[number] for number in numbers], thresholds, at.now)
    await inventory.save(connection, store_id, stocked.saved, known)
    changed = [stock for stock in stocked.saved if _version(known, stock) != stock.total.version]
    if fell := {stock.sku: units for stock in changed if stock.held and (units := fallen(known[stock.sku], stock))}:
        await reservations.settle(connection, store_id, fell)
    await append(connection, _events(store_id, changed, stocked, thresholds, at), SOURCE)
    return BulkResult([stock.sku for stock in changed], [*stale, *(numbers[number] for number in stocked.stale)])


async def save_prices(connection: Connection, store_id: str, prices: Sequence[Price], context: Context) -> BulkResult:
    """Sets prices, and tells of what changed; carts tell of them from the next read on."""
    if not prices:
        return BulkResult((), ())
    numbers, stale = newest(prices)
    given = [prices[number] for number in numbers]
    written = await store_prices.set_prices(connection, store_id, given, context.now)
    # a newer sequence is always written, so one that was not is not newer
    late = [
        number
        for number, price in zip(numbers, given, strict=True)
        if price.sequence is not None and price.of() not in written
    ]
    moved = dict.fromkeys(sku for (sku, _, _), one in written.items() if one.changed)
    told = await store_prices.count_changes(connection, store_id, moved)
    previous = {of: one.previous for of, one in written.items() if one.changed}
    await append(connection, [_price_set(store_id, one, previous, context) for one in told], SOURCE)
    return BulkResult(list(moved), sorted((*stale, *late)))


def _version(known: dict[str, Stock], stock: Stock) -> int:
    before = known.get(stock.sku)
    return before.total.version if before else 0


def _events(
    store_id: str, changed: Sequence[Stock], stocked: Stocked, thresholds: Thresholds, context: Context
) -> Iterable[Event]:
    for stock in changed:
        yield _level_set(store_id, stock, thresholds, context)
    for crossing in stocked.crossings:
        yield _crossed(store_id, crossing, context)


def _level_set(store_id: str, stock: Stock, thresholds: Thresholds, context: Context) -> LevelSet:
    limit = limit_of(stock, thresholds)
    return LevelSet(
        event_id=context.new_id(),
        occurred_at=stock.updated_at or context.now,
        store_id=store_id,
        sku=stock.sku,
        available=stock.total.available,
        level_version=stock.total.version,
        threshold=limit.threshold,
        rearm_above=limit.rearm_above,
        category=stock.category,
        backorder=stock.backorder or None,
    )


def _price_set(
    store_id: str, told: store_prices.PricesOf, previous: Mapping[PriceOf, int | None], context: Context
) -> PriceSet:
    return PriceSet(
        event_id=context.new_id(),
        occurred_at=context.now,
        store_id=store_id,
        sku=told.sku,
        price_version=told.version,
        prices=tuple(
            ToldPrice(currency=of[1], price=price, options=dict(of[2]), previous=previous.get(of))
            for of, price in told.prices.items()
        ),
    )


def _crossed(store_id: str, crossing: Crossing, context: Context) -> LevelLow | LevelRecovered:
    kind = LevelLow if crossing.kind == "low" else LevelRecovered
    return kind(
        event_id=context.new_id(),
        occurred_at=context.now,
        store_id=store_id,
        sku=crossing.sku,
        location=crossing.location,
        category=crossing.category,
        available=crossing.count.available,
        level_version=crossing.count.version,
        threshold=crossing.limit.threshold,
        rearm_above=crossing.limit.rearm_above,
    )
