"""Saves what many shoppers change at once in one statement, and what one changes alone in one of its own."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from libs.postgres.errors import FAILURES, UNDONE
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from services.cart.db import idempotency_keys, save_carts
from services.cart.db.save_cart import Outcome, Swap, swap
from services.cart.domain.request import WriteRequest
from services.cart.handlers.batches import Batches

log = structlog.get_logger(__name__)

MAX_KEPT = 1000
"""Answers of a shopper that are kept: far more than are under way, or lost on the way, at any time."""
TRIMMED = 1 / 64
"""Share of the answers with which older ones go, so that a few hundred more may stand for a while."""


class CartSaves:
    """For changes that need nothing else in their transaction."""

    def __init__(self, pool: Pool, chance: Callable[[], float]) -> None:
        self._pool, self._chance = pool, chance
        self._trimming = set[asyncio.Task[None]]()
        self._swaps: Batches[Swap, Outcome] = Batches(self._swap_together, self._alone, UNDONE)
        self._creations: Batches[Swap, Outcome] = Batches(self._create_together, self._alone, UNDONE)

    async def save(self, wanted: Swap) -> Outcome:
        """As `swap` does. Of a cart that had moved on, or of a row that was held, others' batches tell the truth or
        nothing: the caller then waits alone.
        """
        batches = self._swaps if wanted.change.cart.version > 1 else self._creations
        return await batches.ask(wanted)

    def trim(self, request: WriteRequest) -> None:
        """Has older answers removed now and then: it costs as much as a change itself, and whoever calls must neither
        foresee when nor wait for it.
        """
        if request.key is None or self._chance() >= TRIMMED:
            return
        task = asyncio.create_task(self._trim(request))
        self._trimming.add(task)
        task.add_done_callback(self._trimming.discard)

    async def _trim(self, request: WriteRequest) -> None:
        try:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                await idempotency_keys.trim(connection, request, MAX_KEPT)
        except FAILURES as error:  # the next of them removes those as well
            log.warning("answers.not_trimmed", error=type(error).__name__)

    async def _alone(self, wanted: Swap) -> Outcome:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await swap(connection, wanted)

    async def _swap_together(self, wanted: Sequence[Swap]) -> Sequence[Outcome]:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await save_carts.swap(connection, wanted)

    async def _create_together(self, wanted: Sequence[Swap]) -> Sequence[Outcome]:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await save_carts.create(connection, wanted)
