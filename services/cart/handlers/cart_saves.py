"""Saves what many shoppers change at once in one statement, and what one changes alone in one of its own."""

from collections.abc import Callable, Sequence

from libs.postgres.errors import UNDONE
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from services.cart.db import cart_batches, idempotency_keys
from services.cart.db.save_cart import Outcome, Swap, swap
from services.cart.domain.request import WriteRequest
from services.cart.handlers.batches import Batches

MAX_KEPT = 1000
"""Answers of a shopper that are kept: far more than are under way, or lost on the way, at any time."""
TRIMMED = 1 / 64
"""Share of the answers with which older ones go, so that a few hundred more may stand for a while."""
SAVED = Outcome(free=True, saved=True)


class CartSaves:
    """For changes of carts that are there already and need nothing else in their transaction."""

    def __init__(self, pool: Pool, chance: Callable[[], float]) -> None:
        self._pool, self._chance = pool, chance
        self._batches: Batches[Swap, Outcome] = Batches(self._together, self._alone, UNDONE)

    async def save(self, wanted: Swap) -> Outcome:
        """As `swap` does. In a batch nobody waits for a row that is held: its caller then waits alone."""
        return await self._batches.ask(wanted)

    async def trim(self, connection: "Connection | None", request: WriteRequest) -> None:
        """Removes older answers now and then: it costs as much as a change itself, and whoever calls must not foresee
        when.
        """
        if request.key is None or self._chance() >= TRIMMED:
            return
        if connection is not None:
            await idempotency_keys.trim(connection, request, MAX_KEPT)
            return
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as own:
            await idempotency_keys.trim(own, request, MAX_KEPT)

    async def _alone(self, wanted: Swap) -> Outcome:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await swap(connection, wanted)

    async def _together(self, wanted: Sequence[Swap]) -> Sequence[Outcome | None]:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            saved = await cart_batches.swap(connection, wanted)
        return [SAVED if place in saved else None for place in range(len(wanted))]
