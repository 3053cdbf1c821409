"""The stack that a command works with: one that runs, or one of the command's own, ended with it."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from deploy.local.errors import LocalStackError
from deploy.local.folders import Running, running_states, take
from deploy.local.output import Log
from deploy.local.stack import Stack
from deploy.local.supervisor import Supervisor
from deploy.local.up import OWN, Wanted, prepare
from deploy.traffic.cart_api import Store

Say = Callable[[str], None]
START_TIMEOUT_S = 300
_POLL_S = 0.2
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@asynccontextmanager
async def some_stack(base: Path, number: int | None, say: Say) -> AsyncIterator[Stack]:
    """A running stack, the numbered one or the first; where none runs, one that is started now and ended afterwards.

    `say` is told how far a start is. Raises `LocalStackError`.
    """
    if stack := await running(base, number):
        yield stack
        return
    async with started(base, say) as stack:
        yield stack


def only_running(base: Path, number: int | None) -> Stack:
    """A running stack, the numbered one or the first. Raises `LocalStackError` where none runs."""
    state = _chosen(base, number)
    if state is None or Running.load(state) is None:
        raise LocalStackError("No stack runs; `evercart up` starts one.")
    return Stack.load(state)


async def running(base: Path, number: int | None) -> Stack | None:
    """The numbered stack, or the first that runs, as soon as it is ready; None where none runs and none was named.

    Raises `LocalStackError` if the numbered one does not run.
    """
    state = _chosen(base, number)
    if state is None:
        return None
    for _ in range(int(START_TIMEOUT_S / _POLL_S)):
        found = Running.load(state)
        if found is not None and found.ready:
            return Stack.load(state)
        if not running_states(state.parent):
            break
        await asyncio.sleep(_POLL_S)
    raise LocalStackError(f"No stack runs in {state}; `evercart up` starts one.")


def _chosen(base: Path, number: int | None) -> Path | None:
    return base / str(number) if number else next(iter(running_states(base)), None)


@asynccontextmanager
async def started(base: Path, say: Say, wanted: Wanted = OWN) -> AsyncIterator[Stack]:
    """A stack of one's own, on others' servers where they are named. Raises `LocalStackError` if it does not start."""
    state, lock = take(base)
    with lock:
        stack, ready = prepare(state, wanted), asyncio.Event()
        supervising = asyncio.create_task(Supervisor(stack, Log(state), say).run(ready.set))
        waiting = asyncio.create_task(ready.wait())
        try:
            await asyncio.wait({supervising, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not ready.is_set():
                await supervising
                raise asyncio.CancelledError
            with _interruptible():
                yield stack
        finally:
            waiting.cancel()
            supervising.cancel()
            await asyncio.gather(supervising, waiting, return_exceptions=True)


@contextmanager
def _interruptible() -> Iterator[None]:
    """An interrupt ends the work on the stack, and the stack with it; the supervisor's handler would end only that."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for number in _SIGNALS:
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def store_of(stack: Stack, store_id: str) -> Store:
    """A store of a stack, with its keys."""
    found = stack.stores.get(store_id)
    if found is None:
        raise LocalStackError(f"The stack in {stack.state} has no store {store_id}.")
    return Store(store_id, found.jwt_key, found.secret_key, found.currency)
