"""Shoppers' commands: decided on what this process saw last, saved only if that is still so.

A command is one statement where the guess holds. Otherwise the truth is read and the decision made again; after some
lost races the row is held, so that nobody loses for ever.
"""

from collections.abc import Callable
from random import random

from prometheus_client import Counter

from libs.postgres.errors import DeadlockDetectedError, UniqueViolationError
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts, idempotency_keys, identities, reservations
from services.cart.db.save_cart import Outcome, Swap, swap
from services.cart.domain.cart import Cart, Change, no_cart_yet
from services.cart.domain.cart_json import cart_view, empty_view, lines_json
from services.cart.domain.commands import AddLine, Command
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import LimitsOf, widest
from services.cart.domain.line_patch import changed_place
from services.cart.domain.request import Answer, WriteRequest, in_flight
from services.cart.domain.shopper import Shopper
from services.cart.domain.stock.reservations import lets_go
from services.cart.handlers.cart_answers import answer_with, etag_of, made_before, replay
from services.cart.handlers.cart_cache import CartCache
from services.cart.handlers.cart_saves import CartSaves
from services.cart.handlers.orders.awaited_orders import still_to_add
from services.cart.handlers.told_prices import ToldPrices, decide_by, decide_with_prices
from services.cart.handlers.transaction import busy
from services.cart.handlers.turns import Turns
from services.cart.live.names import goods
from services.cart.live.publisher import Committed

LOST_RACES = 3
HELD_ATTEMPTS = 20
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
        self._limits, self._reserves = limits, reserves
        self._turns, self._saves, self._told = Turns(), CartSaves(pool, chance), ToldPrices(pool)

    async def change(self, shopper: Shopper, command: Command, request: WriteRequest) -> Answer:
        """The cart after the command.

        Raises `Refusal`: what `decide` refuses, version-conflict, request-in-flight, idempotency-key-reused, busy.
        """
        async with self._turns.turn(shopper, request):
            tried, answer = await self._change_together(shopper, command, request)
            if answer is None:
                async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                    answer = await self._change(connection, shopper, command, request, guessing=not tried)
        self._committed(shopper, *self._seen.cart_id(shopper))
        return answer

    async def _change_together(
        self, shopper: Shopper, command: Command, request: WriteRequest
    ) -> tuple[bool, Answer | None]:
        """With what others change at the same time, on the cart that this process saw last, then on what it was told
        instead; whether a guess was tried, and the answer if it held.
        """
        before, tried = self._seen.known(shopper), False
        for _ in range(LOST_RACES):
            guess = await self._guess(shopper, before, command, request)
            if guess is None:
                break
            if not tried:
                self._seen.count(hit=before is not None)
            tried, answer = True, await self._save(None, shopper, *guess, request)
            before = self._seen.known(shopper)
            if answer is not None or before is None or before.version <= guess[0].version:
                return True, answer
        return tried, None

    async def _guess(
        self, shopper: Shopper, before: Cart | None, command: Command, request: WriteRequest
    ) -> tuple[Cart, Change] | None:
        """What is guessed that the cart is, and the change, where nothing that it lets go has to be given to others."""
        if made_before(command, before, request):
            return None
        context = request.context(self._clock)
        cart = before or no_cart_yet(shopper.store_id, shopper.customer_id, context)
        try:
            request.insist(etag_of(before))
            change = await decide_by(self._told, cart, command, context, self._limits(shopper.store_id))
        except Refusal:
            return None
        if change is None or self._lets_go(shopper, cart, change):
            return None
        return cart, change

    async def _change(
        self, connection: Connection, shopper: Shopper, command: Command, request: WriteRequest, *, guessing: bool
    ) -> Answer:
        answer = await self._change_cached(connection, shopper, command, request) if guessing else None
        for attempt in range(LOST_RACES + HELD_ATTEMPTS):
            if answer is not None:
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
        if made_before(command, guess, request):
            return None
        try:
            request.insist(etag_of(guess))
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
                return await replay(connection, shopper, kept, request)
            await idempotency_keys.forget_expired(connection, request)
        cart = carts.cart_of(row) if row else None
        self._seen.put(shopper, cart)
        request.insist(etag_of(cart))
        if isinstance(command, AddLine) and made_before(command, cart, request):
            return await self._add_late(connection, shopper, cart, command, request)
        return await self._decide(connection, shopper, cart, command, request)

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
        self, connection: "Connection | None", shopper: Shopper, before: Cart, change: Change, request: WriteRequest
    ) -> Answer | None:
        """Without a connection it goes with what others save at the same time. None where the race was lost."""
        lines = lines_json(change.cart)
        answer = answer_with(cart_view(change.cart, lines).with_notices(change.notices))
        place = changed_place(before.lines, change.cart.lines)
        wanted = Swap(shopper, change, lines, answer, request, place)
        try:
            if connection is None:
                outcome: Outcome | None = await self._saves.save(wanted)
            elif self._lets_go(shopper, before, change):
                outcome = await self._swap_and_let_go(connection, wanted)
            else:
                outcome = await swap(connection, wanted)
        except UniqueViolationError:
            outcome = None  # the key was answered meanwhile: nothing was written, the next look finds the answer
        if outcome is not None and not outcome.free:
            raise in_flight()
        if outcome is None or not outcome.saved:
            LOST.inc()
            if outcome is not None and outcome.truth is not None:
                self._seen.put(shopper, outcome.truth)
            return None
        self._seen.put(shopper, change.cart)
        self._saves.trim(request)
        return answer

    def _lets_go(self, shopper: Shopper, before: Cart, change: Change) -> bool:
        return self._reserves(shopper.store_id) and lets_go(before, change.cart)

    async def _swap_and_let_go(self, connection: Connection, wanted: Swap) -> Outcome:
        """Two statements, for the first may have waited for a reservation that it does not see yet."""
        freed, cart = list[str](), wanted.change.cart
        async with connection.transaction():
            outcome = await swap(connection, wanted)
            if outcome.saved:
                freed = await reservations.fit(connection, cart.cart_id, cart.holds())
        if freed:
            self._committed(*goods(cart.store_id, freed))
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
        self._saves.trim(request)
        return answer
