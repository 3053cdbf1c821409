"""Waiting for what gives no signal: another process, a broker, a server's own books."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.005, 0.1
WITHIN_S = 60.0
"""A bound for what never comes, generous to machines that are busy; no test is about how long something takes."""


Errors = type[Exception] | tuple[type[Exception], ...]


@overload
async def eventually(look: Callable[[], Awaitable[T]], *, despite: Errors = (), within_s: float = WITHIN_S) -> T: ...
@overload
async def eventually(look: Callable[[], T], *, despite: Errors = (), within_s: float = WITHIN_S) -> T: ...
async def eventually(look: Callable[[], Any], *, despite: Errors = (), within_s: float = WITHIN_S) -> Any:
    """What `look` gives as soon as that is true; it may be a coroutine function, and is asked again and again.

    The errors `despite` mean "not yet"; others pass through. Raises AssertionError with what was seen last after
    `within_s` seconds. Where there is a signal, await the signal.
    """
    seen: object = None
    pause_s = FIRST_PAUSE_S
    try:
        async with asyncio.timeout(within_s) as bound:
            while True:
                try:
                    found = look()
                    seen = await found if inspect.isawaitable(found) else found
                    if seen:
                        return seen
                except despite as error:
                    seen = error
                await asyncio.sleep(pause_s)
                pause_s = min(1.5 * pause_s, LONGEST_PAUSE_S)
    except TimeoutError:
        if not bound.expired():
            raise
        raise AssertionError(f"waited in vain; seen last: {seen!r}") from None
