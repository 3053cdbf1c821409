"""Shoppers' commands: decided on what this process saw last, saved only if that is still so.

A command is one statement where the guess holds. Otherwise the truth is read and the decision made again; after some
lost races the row is held, so that nobody loses for ever.
"""

from collections.abc import Callable
from dataclasses import replace
from random import random

from prometheus_client import Counter

from libs.postgres.errors import DeadlockDetectedError, UniqueViolationError
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts, idempotency_keys, identities, reservations
from services.cart.db.save_cart import Outcome, swap
from services.cart.domain.cart import Cart, Change, no_cart_yet
from services.cart.domain.cart_json import CartView, cart_view, empty_view, etag, lines_json
from services.cart.domain.commands import AddLine, Command
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import LimitsOf, widest
from services.cart.domain.request import Answer, StoredReply, WriteRequest, in_flight
from services.cart.domain.shopper import Shopper
from services.cart.domain.stock.reservations import lets_go
from services.cart.handlers.cart_cache import CartCache
from services.cart.handlers.orders.awaited_orders import still_to_add
from services.cart.handlers.told_prices import decide_with_prices
from services.cart.handlers.transaction import busy
from services.cart.handlers.turns import Turns
from services.cart.live.names import goods
from services.cart.live.publisher import Committed

LOST_RACES = 3
HELD_ATTEMPTS = 20
MAX_KEPT = 1000
"""Answers of a shopper that are kept: far more than are under way, or lost on the way, at any time."""
TRIMMED = 1 / 64
"""Share of the answers with which older ones go, so that a few hundred more may stand for a while."""
NOTHING = b"[]"
"""Kept where an answer said nothing beside the cart."""

LOST = Counter("evercart_cart_swaps_lost_total", "Changes decided on a guess or a read that was out of date")


class CartHandlers:
    """Carries out the commands of shoppers."""

    def __init__(
        self,
        pool: Pool,
        clock: Clock,
        seen: CartCache,
        committed: Committed,
        limits: LimitsOf = widest,
        *,
        reserves: Callable[[str], bool] = lambda _store_id: True,
        chance: Callable[[], float] = random,
    ) -> None:
        self._pool, self._clock, self._seen, self._committed = pool, clock, seen, committed
        self._limits, self._reserves, self._chance = limits, reserves, chance
        self._turns = Turns()

    async def change(self, shopper: Shopper, command: Command, request: WriteRequest) -> Answer:
        """The cart after the command.

        Raises `Refusal`: what `decide` refuses, version-conflict, request-in-flight, idempotency-key-reused, busy.
        """
        turn, connecting = self._turns.turn(shopper, request), self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S)
        async with turn, connecting as connection:
            answer = await self._change_cached(connection, shopper, command, request)
            for attempt in range(LOST_RACES + HELD_ATTEMPTS):
                if answer is not None:
                    self._committed(shopper, *self._seen.cart_id(shopper))
                    return answer
                change = self._change_stored if attempt < LOST_RACES else self._change_locked
                answer = await change(connection, shopper, command, request)
        raise busy()

    async def _change_cached(
        self, connection: Connection, shopper: Shopper, command: Command, request: WriteRequest
    ) -> Answer | None:
        """On the cart that this process saw last: a guess, good enough for a change, but not to refuse one."""
        context = request.context(self._clock)
        guess = self._seen.get(shopper)
        if _made_before(command, guess, request):
            return None
        try:
            request.insist(_etag(guess))
            before = guess or no_cart_yet(shopper.store_id, shopper.customer_id, context)
            change = await decide_with_prices(connection, before, command, context, self._limits(shopper.store_id))
        except Refusal:
            return None
        return await self._save(connection, shopper, before, change, request) if change else None

    async def _change_stored(
        self, connection: Connection, shopper: Shopper, command: Command, request: WriteRequest
    ) -> Answer | None:
        """On the cart as it is in the database; what was answered before is answered again.

        The cart is read before the key: an equal call that commits in between is then seen as answered, not as a
        conflict.
        """
        row = await carts.read(connection, shopper)
        if request.key is not None and (kept := await idempotency_keys.read(connection, request)):
            if not kept.expired:
                return await self._replay(connection, shopper, kept, request)
            await idempotency_keys.forget_expired(connection, request)
        cart = carts.cart_of(row) if row else None
        self._seen.put(shopper, cart)
        request.insist(_etag(cart))
        if isinstance(command, AddLine) and _made_before(command, cart, request):
            return await self._add_late(connection, shopper, cart, command, request)
        return await self._decide(connection, shopper, cart, command, request)

    async def _replay(
        self, connection: Connection, shopper: Shopper, kept: StoredReply, request: WriteRequest
    ) -> Answer:
        """What was said once, with the cart as it is. It is read after the key: never older than the first answer."""
        first = kept.replay(request)
        if first.once is None:
            return first  # an earlier release kept it whole
        row = await carts.read(connection, shopper)
        view = carts.view_of(row) if row else empty_view(shopper.store_id, shopper.customer_id)
        if first.once != NOTHING:
            view = replace(view, notices=first.once)
        return replace(first, body=view.json(), etag=view.etag, first_etag=first.etag)

    async def _change_locked(
        self, connection: Connection, shopper: Shopper, command: Command, request: WriteRequest
    ) -> Answer | None:
        """On the row, held: whoever has lost some races must not lose them for ever."""
        async with connection.transaction():
            await carts.lock(connection, shopper)
            return await self._change_stored(connection, shopper, command, request)

    async def _decide(
        self, connection: Connection, shopper: Shopper, cart: Cart | None, command: Command, request: WriteRequest
    ) -> Answer | None:
        """Decides and saves; None where the race was lost."""
        context = request.context(self._clock)
        owner = shopper if cart else await identities.acting(connection, shopper)
        before = cart or no_cart_yet(owner.store_id, owner.customer_id, context)
        change = await decide_with_prices(connection, before, command, context, self._limits(owner.store_id))
        if change is not None:
            return await self._save(connection, shopper, before, change, request)
        return await self._keep_unchanged(connection, shopper, cart, request)

    async def _add_late(
        self, connection: Connection, shopper: Shopper, cart: Cart | None, command: AddLine, request: WriteRequest
    ) -> Answer | None:
        """An add that was made on another cart than the shopper has by now: its order may have bought it already."""
        assert request.made_on is not None, "only who names a cart can be late"
        transaction, answer = connection.transaction(), None
        await transaction.start()
        try:
            left = await still_to_add(connection, shopper, command, request.made_on)
            if left is None:
                answer = await self._keep_unchanged(connection, shopper, cart, request)
            else:
                answer = await self._decide(connection, shopper, cart, left, request)
        except DeadlockDetectedError:
            answer = None
        finally:
            await (transaction.rollback() if answer is None else transaction.commit())
        return answer

    async def _save(
        self, connection: Connection, shopper: Shopper, before: Cart, change: Change, request: WriteRequest
    ) -> Answer | None:
        lines = lines_json(change.cart)
        answer = answer_with(cart_view(change.cart, lines).with_notices(change.notices))
        save = swap
        if self._reserves(shopper.store_id) and lets_go(before, change.cart):
            save = self._swap_and_let_go
        try:
            outcome = await save(connection, shopper, change, lines, answer, request)
        except UniqueViolationError:
            outcome = None  # the key was answered meanwhile: nothing was written, the next look finds the answer
        if outcome is not None and not outcome.free:
            raise in_flight()
        if outcome is None or not outcome.saved:
            LOST.inc()
            return None
        self._seen.put(shopper, change.cart)
        await self._trim_answers(connection, request)
        return answer

    async def _swap_and_let_go(
        self,
        connection: Connection,
        shopper: Shopper,
        change: Change,
        lines: bytes,
        answer: Answer,
        request: WriteRequest,
    ) -> Outcome:
        """Two statements, for the first may have waited for a reservation that it does not see yet."""
        freed = list[str]()
        async with connection.transaction():
            outcome = await swap(connection, shopper, change, lines, answer, request)
            if outcome.saved:
                freed = await reservations.fit(connection, change.cart.cart_id, change.cart.holds())
        if freed:
            self._committed(*goods(shopper.store_id, freed))
        return outcome

    async def _keep_unchanged(
        self, connection: Connection, shopper: Shopper, cart: Cart | None, request: WriteRequest
    ) -> Answer | None:
        """The cart as it is, as the answer to what changes nothing."""
        view = cart_view(cart) if cart else empty_view(shopper.store_id, shopper.customer_id)
        answer = answer_with(view)
        # kept as well: the same call again must not do later what it did not do now
        if request.key is None:
            return answer
        if not await idempotency_keys.keep(connection, request, answer):
            return None
        await self._trim_answers(connection, request)
        return answer

    async def _trim_answers(self, connection: Connection, request: WriteRequest) -> None:
        # now and then: it costs as much as the change itself, and whoever calls must not foresee when
        if request.key is not None and self._chance() < TRIMMED:
            await idempotency_keys.trim(connection, request, MAX_KEPT)


def answer_with(view: CartView) -> Answer:
    """A cart as the answer to a command; its notices are said this once, and by replays."""
    return Answer(view.json(), 200, view.etag, once=view.notices or NOTHING)


def _made_before(command: Command, cart: Cart | None, request: WriteRequest) -> bool:
    if request.made_on is None or not isinstance(command, AddLine):
        return False
    return cart is None or cart.cart_id != request.made_on


def _etag(cart: Cart | None) -> str:
    return etag(cart.cart_id, cart.version) if cart else etag(None, 0)
