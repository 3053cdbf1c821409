"""One process, several roles, one orderly end."""

import asyncio
import gc
import signal
import sys
from collections.abc import Coroutine
from typing import Any

import structlog
import uvloop

log = structlog.get_logger(__name__)

GC_THRESHOLD = 50_000  # requests make few cycles; the default of 700 costs tail latency


def run(*roles: Coroutine[Any, Any, None]) -> None:
    """Runs the roles side by side until SIGTERM or SIGINT, then cancels them and waits.

    Leaves with status 0 after a signal or when every role has ended, and with 1 as soon as one of them fails.
    """
    gc.set_threshold(GC_THRESHOLD, 20, 20)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(_supervise(roles)))


async def _supervise(roles: tuple[Coroutine[Any, Any, None], ...]) -> int:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(role) for role in roles]
    stopped = asyncio.create_task(stop.wait())
    status = 0
    pending = {stopped, *tasks}
    while not stopped.done() and len(pending) > 1:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopped}:
            if error := task.exception():
                log.error("role.failed", exc_info=error)
                status = 1
        if status:
            break
    for task in (*tasks, stopped):
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if status == 0 and isinstance(outcome, Exception):
            log.error("role.failed_at_shutdown", exc_info=outcome)
    return status
