"""Work that comes round: what passes is made up for by the next round, what does not ends the loop."""

import asyncio

import pytest
from structlog.testing import capture_logs

from libs.runtime.run_every import run_every, run_when


class Work:
    """Counts its rounds, fails in those that it is told to, and ends the loop by being cancelled after `last`."""

    def __init__(self, last: int, failing: dict[int, Exception] | None = None) -> None:
        self.rounds, self._last, self._failing = 0, last, failing or {}

    async def __call__(self) -> None:
        self.rounds += 1
        if error := self._failing.get(self.rounds):
            raise error
        if self.rounds == self._last:
            raise asyncio.CancelledError


async def test_a_round_that_fails_in_passing_is_logged_and_the_next_one_comes() -> None:
    work = Work(3, {2: TimeoutError("late")})
    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await run_every(0, work, "work.failed", (TimeoutError,))
    assert work.rounds == 3
    assert [(entry["event"], entry["error"]) for entry in logs] == [("work.failed", "TimeoutError")]


async def test_an_error_that_does_not_pass_ends_the_loop() -> None:
    work = Work(3, {2: ValueError("a fault of ours")})
    with pytest.raises(ValueError, match="a fault of ours"):
        await run_every(0, work, "work.failed", (TimeoutError,))
    assert work.rounds == 2


async def test_waking_ends_a_pause_early_and_only_once() -> None:
    wake, work = asyncio.Event(), Work(2)
    running = asyncio.create_task(run_every(3600, work, "work.failed", wake=wake, wait_first=True))
    await asyncio.sleep(0)
    assert work.rounds == 0
    wake.set()
    while not work.rounds:
        await asyncio.sleep(0)
    assert not wake.is_set()
    wake.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert work.rounds == 2


async def test_work_that_is_due_many_times_at_once_is_done_once() -> None:
    due, work = asyncio.Event(), Work(2)
    running = asyncio.create_task(run_when(due, 0, work, "work.failed"))
    for _ in range(5):
        due.set()
    while not work.rounds:
        await asyncio.sleep(0)
    assert work.rounds == 1
    due.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert work.rounds == 2
