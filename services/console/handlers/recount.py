"""The sums of a day made anew out of rows: what orders of that day are credited to, then what all comes to."""

from datetime import date, timedelta

from libs.postgres.clock import database_now
from libs.postgres.pool import Connection
from services.console.db import counting_rules, crediting, stale_days, stores, sums
from services.console.domain.attribution import credited
from services.console.domain.days import bounds, day_of
from services.console.domain.rules import Rules
from services.console.domain.store import Store

MARGIN = timedelta(days=60)
"""Rows go a whole day at a time, and a day counts what happened before it: the oldest days are counted no more."""


async def recount_all(connection: Connection, raw: timedelta) -> int:
    """Counts what is stale, and what becomes stale by that, a transaction a day; how many days it were. Nothing where
    somebody else counts.
    """
    days = 0
    while True:
        before, upto, more = days, await stale_days.newest(connection), True
        while more:
            async with connection.transaction():
                more = await recount_next(connection, raw, upto)
            days += more
        if days == before:
            return days


async def recount_next(connection: Connection, raw: timedelta, upto: int) -> bool:
    """Counts the next day that was marked up to then, in a transaction of the caller's; whether there was one that
    nobody else counts.
    """
    if not await stale_days.alone(connection):
        return False
    taken = await stale_days.take(connection, upto)
    if taken is None:
        return False
    store_id, day = taken
    store = await stores.read(connection, store_id)
    oldest = day_of(await database_now(connection) - raw + MARGIN, store.time_zone)
    if day >= oldest:
        await recount(connection, store, day)
    return True


async def recount(connection: Connection, store: Store, day: date) -> None:
    """Settles the orders of a day, which may make other days stale, and writes the day's sums."""
    rules, _ = await counting_rules.read(connection, store.store_id)
    since, before = bounds(day, store.time_zone)
    placed = crediting.orders(connection, store.store_id, since, before)
    settled = [new async for order in placed if (new := _settled(order, rules, store, day)) is not None]
    await crediting.settle(connection, store, day, settled)
    await sums.write(connection, store.store_id, day, since, before, timedelta(days=rules.window_days))


def _settled(order: crediting.Placed, rules: Rules, store: Store, day: date) -> crediting.Settled | None:
    """None where it comes out as it is settled already."""
    to = credited(order.placed_at, order.clicks, rules)
    worth = None if order.net is None else rules.worth(order.net, order.currency, store.currency, day)
    same = (to, worth) == (order.credited_to, order.in_store)
    return None if same else crediting.Settled(order.order_id, to, worth)
