"""Work that holds on to something outside (a session, a lock, a subscription) and is begun anew when that is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

import stamina
import structlog

log = structlog.get_logger(__name__)

SHORTEST_S, LONGEST_S = 0.1, 3.0


async def keep_running(
    hold: Callable[[], Awaitable[object]], failed: str, passing: tuple[type[Exception], ...]
) -> NoReturn:
    """Runs `hold` again whenever it returns or fails in `passing`, until cancelled; any other error is raised.

    Raising says that it could not begin: pauses then grow from `SHORTEST_S` to `LONGEST_S` seconds, with jitter, and
    each failure is logged as the event `failed`. Returning says that it had begun: the next pause is the shortest one.
    """
    while True:
        attempts = stamina.retry_context(
            on=passing, attempts=None, timeout=None, wait_initial=SHORTEST_S, wait_max=LONGEST_S, wait_jitter=SHORTEST_S
        )
        async for attempt in attempts:
            with attempt:
                try:
                    await hold()
                except passing as error:
                    log.warning(failed, error=type(error).__name__, attempt=attempt.num)
                    raise
        await asyncio.sleep(SHORTEST_S)
