"""What runs low and what was told about items, as far as the console has read."""

from collections.abc import Collection
from datetime import timedelta

from libs.http.paging import Moment, page_of
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from services.console.db import stock
from services.console.domain.days import bounds, day_of
from services.console.domain.stock import Level, LowItem, LowItems, Told

PAGE = 25


class Stock:
    """Reads of one store at a time. Every method raises what the database raises."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock

    async def low(self, store_id: str, begins: str, after: str = "") -> LowItems:
        """Items that run low, the newest first. What is no place of ours begins at the newest."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            rows = await stock.low(connection, store_id, begins, _place(after), PAGE + 1)
            in_all = await stock.low_in_all(connection, store_id, begins)
        found = [LowItem(**{**row, "places": tuple(row["places"])}) for row in rows]
        shown, following = page_of(found, PAGE, lambda one: str(Moment(one.since, one.sku)))
        return LowItems(tuple(shown), following, in_all)

    async def levels(self, store_id: str, sku: str) -> list[Level]:
        """An item over all and at each place, as it last crossed its threshold."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return [Level(**row) for row in await stock.levels(connection, store_id, sku)]

    async def low_of(self, store_id: str, skus: Collection[str]) -> dict[str, Level]:
        """Those of the items that run low over all, by sku, as each last crossed its threshold."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            rows = await stock.low_of(connection, store_id, skus)
        return {row["sku"]: Level(**row) for row in rows}

    async def told(self, store_id: str, skus: Collection[str], days: int, time_zone: str) -> list[Told]:
        """What was told about items in the last days of the store, today included."""
        first, _ = bounds(day_of(self._clock(), time_zone) - timedelta(days=days - 1), time_zone)
        if not skus:
            return []
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return [Told(**row) for row in await stock.told(connection, store_id, skus, first)]


def _place(after: str) -> stock.Place:
    try:
        moment = Moment.read(after)
    except ValueError:
        return None
    return moment.at, moment.name
