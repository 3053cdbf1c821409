"""Runs callers side by side for a bounded time and counts what they get done."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence


async def rate(callers: Sequence[Callable[[float], Awaitable[int]]], seconds: float) -> float:
    """Calls a second of all callers together; each is given the time (`perf_counter`) at which to end."""
    began = time.perf_counter()
    done = sum(await asyncio.gather(*(caller(began + seconds) for caller in callers)))
    return done / (time.perf_counter() - began)
