"""Work that comes round again, in one loop for all of it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NoReturn

import structlog

log = structlog.get_logger(__name__)

Work = Callable[[], Awaitable[object]]
Passing = tuple[type[BaseException], ...]


async def run_every(
    interval_s: float,
    work: Work,
    failed: str,
    passing: Passing = (),
    *,
    wait_first: bool = False,
    wake: asyncio.Event | None = None,
) -> NoReturn:
    """Does the work, pauses for `interval_s` seconds, and so on until cancelled.

    What is `passing` is logged as the event `failed` and made up for by the next round; any other error is raised.
    `wait_first` pauses before the first round, too; setting `wake` ends a pause early.
    """
    if wait_first:
        await _pause(interval_s, wake)
    while True:
        await _round(work, failed, passing)
        await _pause(interval_s, wake)


async def run_when(due: asyncio.Event, spacing_s: float, work: Work, failed: str, passing: Passing = ()) -> NoReturn:
    """Does the work each time that `due` is set, once for all settings within `spacing_s` seconds, until cancelled."""
    while True:
        await due.wait()
        due.clear()
        await _round(work, failed, passing)
        await asyncio.sleep(spacing_s)


async def _round(work: Work, failed: str, passing: Passing) -> None:
    try:
        await work()
    except passing as error:
        log.warning(failed, error=type(error).__name__)


async def _pause(seconds: float, wake: asyncio.Event | None) -> None:
    if wake is None:
        await asyncio.sleep(seconds)
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()
    wake.clear()
