"""Writes that need a transaction: done once per Idempotency-Key, tried again when a race is lost."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from libs.postgres.errors import RACES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from services.cart.db import idempotency_keys
from services.cart.domain.errors import Refusal
from services.cart.domain.request import Answer, WriteRequest, in_flight
from services.cart.live.names import Changed

ATTEMPTS = 5

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result:
    """What a use case did: its answer, and the carts and goods that changed by it (none where it was replayed)."""

    answer: Answer
    changed: Sequence[Changed] = ()


async def commit_once(
    pool: Pool,
    request: WriteRequest,
    use_case: Callable[Concatenate[Connection, P], Awaitable[Result]],
    *arguments: P.args,
    **named: P.kwargs,
) -> Result:
    """Calls `use_case(connection, *arguments)` in a transaction that keeps its answer under the request's key, or gives
    the answer that is kept there.

    Raises `Refusal` (request-in-flight, idempotency-key-reused, busy) and whatever the use case raises; a refused call
    leaves nothing behind.
    """

    async def answer_once(connection: Connection) -> Result:
        if (kept := await _kept(connection, request)) is not None:
            return Result(kept)
        result = await use_case(connection, *arguments, **named)
        if request.key is not None:
            await idempotency_keys.keep(connection, request, result.answer)
        return result

    return await in_transaction(pool, answer_once)


async def in_transaction(
    pool: Pool, work: Callable[Concatenate[Connection, P], Awaitable[T]], *arguments: P.args, **named: P.kwargs
) -> T:
    """Calls `work(connection, *arguments)` in a transaction, and in another one while it loses races.

    Raises `Refusal` busy and whatever the work raises; then nothing of it is left.
    """
    for _ in range(ATTEMPTS):
        try:
            async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
                return await work(connection, *arguments, **named)
        except RACES:  # the last of them is against whoever removes a cart
            continue
    raise busy()


def busy() -> Refusal:
    """Told after more lost races than ever happen among people."""
    return Refusal("busy", "Too many changes at once. Try again.")


async def _kept(connection: Connection, request: WriteRequest) -> Answer | None:
    if request.lock is None:
        return None
    if not await idempotency_keys.try_lock(connection, request.lock):
        raise in_flight()
    reply = await idempotency_keys.read(connection, request)
    return None if reply is None or reply.expired else reply.replay(request)
