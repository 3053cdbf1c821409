"""One process, several roles, one orderly end."""

import asyncio
import gc
import signal
import sys
from collections.abc import Coroutine
from typing import Any

import structlog
import uvloop

from libs.runtime.ending import Ending

log = structlog.get_logger(__name__)

SELDOM = (50_000, 20, 20)
"""Objects more than at the last collection, at which there is one; after so many one that is larger. Python's 700 costs
each batch of work a tenth more.
"""
SHORT = (5_000, 2, 500)
"""Pauses of 1 to 6 ms instead of 20 to 30. More objects than come and go with 32 callers, for these alone need no
collection; a full one comes after millions that stayed, which are more than all caches hold together.
"""


class CannotStartError(Exception):
    """What keeps a process from starting, as a sentence: where the code stood adds nothing."""


def run(*roles: Coroutine[Any, Any, None], ending: Ending | None = None) -> None:
    """Runs the roles side by side until SIGTERM or SIGINT, lets the `ending` come, then cancels them and waits.

    A second signal cuts the ending short. Leaves with status 0 after a signal or when every role has ended, and with 1
    as soon as one of them fails.
    """
    spare_collections()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(_supervise(roles, ending or Ending())))


def spare_collections() -> None:
    """Lets collections come seldom, and leaves out what is there by now: modules and models stay to the end.

    A full collection stops a process for 67 to 89 ms of CPU where they are looked through, and next to none where not.
    """
    gc.freeze()
    gc.set_threshold(*SELDOM)


def shorten_collections() -> None:
    """Has collections come oftener, and each look through less: for whoever answers people, who wait meanwhile. To be
    called once the application is made, which is left out as well.
    """
    gc.freeze()
    gc.set_threshold(*SHORT)


async def _supervise(roles: tuple[Coroutine[Any, Any, None], ...], ending: Ending) -> int:
    signals: asyncio.Queue[None] = asyncio.Queue()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, signals.put_nowait, None)
    tasks = [asyncio.create_task(role) for role in roles]
    stopping = asyncio.create_task(_stop(signals, ending))
    status = 0
    pending = {stopping, *tasks}
    while not stopping.done() and len(pending) > 1:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            if error := task.exception():
                _tell(error)
                status = 1
        if status:
            break
    for task in (*tasks, stopping):
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if status == 0 and isinstance(outcome, Exception):
            log.error("role.failed_at_shutdown", exc_info=outcome)
    return status


def _tell(error: BaseException) -> None:
    known, other = _parted(error)
    for one in known:
        log.error("role.failed", error=str(one))
    if other:
        log.error("role.failed", exc_info=other)


def _parted(error: BaseException) -> tuple[list[BaseException], BaseException | None]:
    """The sentences in an error, and what else there is of it."""
    if isinstance(error, CannotStartError):
        return [error], None
    if not isinstance(error, BaseExceptionGroup):
        return [], error
    known, other = error.split(CannotStartError)
    return [one for part in (known.exceptions if known else ()) for one in _parted(part)[0]], other


async def _stop(signals: "asyncio.Queue[None]", ending: Ending) -> None:
    """Returns when the roles are to be cancelled."""
    await signals.get()
    coming, again = asyncio.create_task(ending.come()), asyncio.create_task(signals.get())
    await asyncio.wait({coming, again}, return_when=asyncio.FIRST_COMPLETED)
    for task in (coming, again):
        task.cancel()
