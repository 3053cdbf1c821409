"""Work that holds on to something outside (a session, a lock, a subscription) and is begun anew when that is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import stamina
import structlog

log = structlog.get_logger(__name__)

SHORTEST_S, LONGEST_S = 0.1, 3.0


class StrayCancellationError(Exception):
    """A cancellation that nobody asked for: a library lets those of its own tasks out."""


async def keep_running(
    hold: Callable[[], Awaitable[object]], failed: str, passing: tuple[type[Exception], ...]
) -> NoReturn:
    """Runs `hold` again whenever it returns or fails in `passing`, until cancelled; any other error is raised.

    A cancellation that is none of ours counts as `passing`: a group of tasks takes one that ends so for one that was
    told to, and nobody would do its work any more.

    Raising says that it could not begin: pauses then grow from `SHORTEST_S` to `LONGEST_S` seconds, with jitter, and
    each failure is logged as the event `failed`. Returning says that it had begun: the next pause is the shortest one.
    """
    lost: tuple[type[Exception], ...] = (*passing, StrayCancellationError)
    while True:
        attempts = stamina.retry_context(
            on=lost, attempts=None, timeout=None, wait_initial=SHORTEST_S, wait_max=LONGEST_S, wait_jitter=SHORTEST_S
        )
        async for attempt in attempts:
            with attempt:
                try:
                    await _told_apart(hold)
                except lost as error:
                    log.warning(failed, error=type(error).__name__, attempt=attempt.num)
                    raise
        await asyncio.sleep(SHORTEST_S)


async def _told_apart(hold: Callable[[], Awaitable[object]]) -> None:
    try:
        await hold()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise StrayCancellationError from None
