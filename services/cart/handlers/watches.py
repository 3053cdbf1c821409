"""Shoppers who ask to be told when an item is back, and servers that ask for them."""

from collections.abc import Sequence
from uuid import UUID

from pydantic_core import to_json

from libs.contracts.events import MessageSent, MessageUnknown
from libs.outbox.store import append
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts, identities, watches
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.customers.guest_contact import Left
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import LimitsOf, widest
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.domain.watch import KEPT, SetWatch, Watch, one_more
from services.cart.handlers.ended_watches import lock_guest, recipient_of, tell_cleared
from services.cart.handlers.guest_contacts import has_contact, leave_without_cart
from services.cart.handlers.transaction import Result, commit_once, in_transaction
from services.cart.live.publisher import Committed

BATCH = 500


class WatchHandlers:
    """Watches of shoppers. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed, limits: LimitsOf = widest) -> None:
        self._pool, self._clock, self._committed, self._limits = pool, clock, committed, limits

    async def set_watch(self, who: Shopper, asked: SetWatch, left: Left | None, request: WriteRequest) -> Answer:
        """The watch of a shopper: 201 for a new one, 200 where they wait already. `left`: how to write to a guest.

        Raises `Refusal`: too-many-watches, contact-required (of a guest who has left none).
        """
        result = await commit_once(self._pool, request, self._set, who, asked, left, request)
        self._committed()
        return result.answer

    async def _set(
        self, connection: Connection, who: Shopper, asked: SetWatch, left: Left | None, request: WriteRequest
    ) -> Result:
        context, limits = request.context(self._clock), self._limits(who.store_id)
        if who.token_hash is None:
            waiting = await _customer(connection, who)
        else:
            waiting = await _recipient(connection, who.store_id, who.token_hash, left, context)
        assert waiting.customer_id is not None, "it is known by now who waits"
        known = await watches.of(connection, who.store_id, [waiting.customer_id])
        for watch in known:
            if watch.is_for(asked.sku, asked.options):
                return Result(Answer(shown(watch), 200))
        one_more(len(known))
        links = {"url": limits.own_link(asked.url), "image_url": limits.own_link(asked.image_url)}
        watch = await watches.insert(
            connection, waiting, asked.model_copy(update=links), request.occurred_at, who.token_hash
        )
        await append(connection, [watch.set_event(context)], SOURCE)
        return Result(Answer(shown(watch), 201))

    async def watches_of(self, who: Shopper) -> Sequence[Watch]:
        """What a shopper waits for, the longest first."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await _watches_of(connection, who)

    async def clear(self, who: Shopper, watch_id: UUID | None, request: WriteRequest) -> Answer:
        """They wait for this no more, or for nothing. What they do not wait for is over already."""
        result = await commit_once(self._pool, request, self._clear, who, watch_id, request)
        self._committed()
        return result.answer

    async def _clear(
        self, connection: Connection, who: Shopper, watch_id: UUID | None, request: WriteRequest
    ) -> Result:
        await identities.hold_names(connection, who.store_id)
        theirs = [one for one in await _watches_of(connection, who) if watch_id in (None, one.watch_id)]
        for name in {one.customer_id for one in theirs}:
            gone = await watches.clear(connection, who.store_id, name, [one.watch_id for one in theirs])
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


async def _watches_of(connection: Connection, who: Shopper) -> list[Watch]:
    if who.token_hash is not None:
        return await watches.of_guest(connection, who.store_id, who.token_hash)
    owner = await identities.resolve(connection, who.store_id, who.customer_id or "")
    return await watches.of(connection, who.store_id, [owner])


async def _customer(connection: Connection, who: Shopper) -> Shopper:
    """Under which name a customer waits; nobody else sets a watch of theirs meanwhile."""
    # or a merge of customers could leave it under the old name
    await identities.hold_names(connection, who.store_id)
    acting = await identities.acting(connection, who)
    await watches.lock(connection, who.store_id, acting.customer_id or "")
    return acting


async def _recipient(
    connection: Connection, store_id: str, token_hash: bytes, left: Left | None, context: Context
) -> Shopper:
    """Under which id a guest waits, whose address is kept where they leave it."""
    held = await carts.lock_active(connection, store_id, None, token_hash)
    await lock_guest(connection, store_id, token_hash)
    known = next((cart.recipient_id for cart in held if cart.recipient_id), None) or await recipient_of(
        connection, store_id, token_hash
    )
    if left is not None:
        recipient_id = await leave_without_cart(connection, store_id, known, left, context)
    elif known is not None and await has_contact(connection, store_id, known):
        recipient_id = known
    else:
        raise Refusal("contact-required", "Leave an address to which it can be told.")
    return Shopper(store_id, customer_id=recipient_id)


def shown(watch: Watch) -> bytes:
    """A watch as its owner sees it."""
    return to_json(
        {
            "watch_id": watch.watch_id,
            "sku": watch.sku,
            "options": watch.options,
            "title": watch.title,
            "url": watch.url,
            "image_url": watch.image_url,
            "set_at": watch.set_at,
            "until": watch.until,
        }
    )
