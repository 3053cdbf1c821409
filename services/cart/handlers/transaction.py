"""Writes that need a transaction: done once per Idempotency-Key, tried again when a race is lost."""

from collections.abc import Awaitable, Callable

from libs.postgres.errors import RACES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from services.cart.db import idempotency_keys
from services.cart.domain.errors import Refusal
from services.cart.domain.request import Answer, WriteRequest, in_flight

ATTEMPTS = 5

Work = Callable[[Connection], Awaitable[Answer]]


async def once(pool: Pool, request: WriteRequest, work: Work) -> Answer:
    """Does the work in one transaction with its answer, or gives the answer that it got before.

    Raises `Refusal` (request-in-flight, idempotency-key-reused, busy) and whatever the work raises; a refused call
    leaves nothing behind.
    """
    for _ in range(ATTEMPTS):
        try:
            async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
                return await _replayed(connection, request) or await _done(connection, request, work)
        except RACES:  # the last of them is against whoever removes a cart
            continue
    raise busy()


def busy() -> Refusal:
    """Told after more lost races than ever happen among people."""
    return Refusal("busy", "Too many changes at once. Try again.")


async def _replayed(connection: Connection, request: WriteRequest) -> Answer | None:
    if request.lock is None:
        return None
    if not await idempotency_keys.try_lock(connection, request.lock):
        raise in_flight()
    kept = await idempotency_keys.read(connection, request)
    return None if kept is None or kept.expired else kept.replay(request)


async def _done(connection: Connection, request: WriteRequest, work: Work) -> Answer:
    answer = await work(connection)
    if request.key is not None:
        await idempotency_keys.keep(connection, request, answer)
    return answer
