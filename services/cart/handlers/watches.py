"""Shoppers who ask to be told when an item is back, and servers that ask for them."""

from collections.abc import Sequence
from uuid import UUID

from pydantic_core import to_json

from libs.contracts.events import MessageSent, MessageUnknown, OrderPlaced
from libs.outbox.store import append
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import identities, watches
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.limits import LimitsOf, widest
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.watch import KEPT, SetWatch, Watch, Why, one_more, take_over
from services.cart.handlers.transaction import Result, commit_once, in_transaction
from services.cart.live.publisher import Committed

BATCH = 500


class WatchHandlers:
    """Watches of customers. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed, limits: LimitsOf = widest) -> None:
        self._pool, self._clock, self._committed, self._limits = pool, clock, committed, limits

    async def set_watch(self, customer_id: str, asked: SetWatch, request: WriteRequest) -> Answer:
        """The watch of a customer: 201 for a new one, 200 where they wait already.

        Raises `Refusal` too-many-watches.
        """
        result = await commit_once(self._pool, request, self._set, customer_id, asked, request)
        self._committed()
        return result.answer

    async def _set(self, connection: Connection, customer_id: str, asked: SetWatch, request: WriteRequest) -> Result:
        store_id = request.store_id
        # or a merge of customers could leave it under the old name
        await identities.hold_names(connection, store_id)
        owner = await identities.resolve(connection, store_id, customer_id)
        await watches.lock(connection, store_id, owner)
        known = await watches.of(connection, store_id, [owner])
        for watch in known:
            if watch.is_for(asked.sku, asked.options):
                return Result(Answer(shown(watch), 200))
        one_more(len(known))
        context = request.context(self._clock)
        own = asked.model_copy(update={"url": self._limits(store_id).own_link(asked.url)})
        watch = await watches.insert(connection, store_id, owner, own, request.occurred_at)
        await append(connection, [watch.set_event(context)], SOURCE)
        return Result(Answer(shown(watch), 201))

    async def watches_of(self, store_id: str, customer_id: str) -> Sequence[Watch]:
        """What a customer waits for, the longest first."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            owner = await identities.resolve(connection, store_id, customer_id)
            return await watches.of(connection, store_id, [owner])

    async def clear(self, customer_id: str, watch_id: UUID | None, request: WriteRequest) -> Answer:
        """They wait for this no more, or for nothing. What they do not wait for is over already."""
        result = await commit_once(self._pool, request, self._clear, customer_id, watch_id, request)
        self._committed()
        return result.answer

    async def _clear(
        self, connection: Connection, customer_id: str, watch_id: UUID | None, request: WriteRequest
    ) -> Result:
        await identities.hold_names(connection, request.store_id)
        owner = await identities.resolve(connection, request.store_id, customer_id)
        if watch_id is None:
            gone = await watches.clear_all(connection, request.store_id, [owner])
        else:
            gone = await watches.clear(connection, request.store_id, owner, [watch_id])
        await tell_cleared(connection, gone, "asked", request.context(self._clock))
        return Result(Answer(b"", 204))

    async def end_told(self, sent: Sequence[MessageSent | MessageUnknown]) -> None:
        """Whoever was sent a message about an item (or may have been) has been told of what they watched of it."""
        for one in sent:
            if one.sku is not None:
                await in_transaction(self._pool, self._end_told, one)
        self._committed()

    async def _end_told(self, connection: Connection, sent: MessageSent | MessageUnknown) -> None:
        gone = await watches.clear_told(connection, sent.store_id, sent.customer_id, sent.sku or "", sent.occurred_at)
        await tell_cleared(connection, gone, "told", Context(self._clock()))

    async def round(self) -> int:
        """Ends watches of people who have waited for too long; returns how many."""
        ended = await in_transaction(self._pool, self._expire)
        if ended:
            self._committed()
        return ended

    async def _expire(self, connection: Connection) -> int:
        context = Context(self._clock())
        old = await watches.clear_old(connection, context.now - KEPT, BATCH)
        await tell_cleared(connection, old, "expired", context)
        return len(old)


async def end_ordered(connection: Connection, order: OrderPlaced) -> None:
    """Whoever has ordered an item waits for it no more, unless they asked later."""
    if order.customer_id is None or not order.skus:
        return
    # a watch is dated by another clock than an order: only one that is told late is compared with it
    late = order.placed_at if order.placed_at is not None and order.placed_at < order.occurred_at else None
    gone = await watches.clear_goods(connection, order.store_id, order.customer_id, order.skus, late)
    await tell_cleared(connection, gone, "ordered", Context(order.occurred_at))


async def move_watches(connection: Connection, store_id: str, name: str, owner: str, context: Context) -> None:
    """What was waited for under one name is the owner's, under its id: nobody is told twice of one watch."""
    for one in sorted((name, owner)):
        await watches.lock(connection, store_id, one)
    theirs = await watches.of(connection, store_id, [name])
    if not theirs:
        return
    done = take_over(theirs, await watches.of(connection, store_id, [owner]), owner)
    await watches.move(connection, done.moved, owner)
    await watches.clear(connection, store_id, name, [one.watch_id for one in done.ended])
    await append(connection, [one.set_event(context) for one in done.moved], SOURCE)
    await tell_cleared(connection, done.ended, "watched_already", context)


async def forget_watches(connection: Connection, store_id: str, names: Sequence[str], context: Context) -> int:
    """Ends all watches of people who are forgotten; how many."""
    gone = await watches.clear_all(connection, store_id, names)
    await tell_cleared(connection, gone, "erased", context)
    return len(gone)


async def tell_cleared(connection: Connection, gone: Sequence[Watch], reason: Why, context: Context) -> None:
    """Tells the others of watches that are over."""
    await append(connection, [one.cleared_event(reason, context) for one in gone], SOURCE)


def shown(watch: Watch) -> bytes:
    """A watch as its owner sees it."""
    return to_json(
        {
            "watch_id": watch.watch_id,
            "sku": watch.sku,
            "options": watch.options,
            "title": watch.title,
            "url": watch.url,
            "set_at": watch.set_at,
            "until": watch.until,
        }
    )
