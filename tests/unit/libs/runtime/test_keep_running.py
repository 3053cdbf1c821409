"""What holds on to something outside is begun anew when that is lost, with pauses that grow while it can't begin."""

import asyncio
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from libs.runtime import keep_running as module
from libs.runtime.keep_running import keep_running


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The pauses that are made, none of which takes any time."""
    made: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        made.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", noted)
    return iter([made])


async def _until_cancelled(outcomes: list[Exception | None]) -> None:
    ahead = iter(outcomes)

    async def hold() -> None:
        outcome = next(ahead, asyncio.CancelledError())
        if isinstance(outcome, asyncio.CancelledError):
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
        if outcome is not None:
            raise outcome

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(keep_running(hold, "hold.retry", (OSError,)))


async def test_pauses_grow_while_it_cannot_begin_and_each_failure_is_told(pauses: Iterator[list[float]]) -> None:
    with capture_logs() as logs:
        await _until_cancelled([OSError("down")] * 8)
    made = next(pauses)
    assert len(made) == 8
    assert made[0] <= 2 * module.SHORTEST_S
    assert made[-1] == module.LONGEST_S
    told = [entry for entry in logs if entry["event"] == "hold.retry"]  # the library has words of its own
    assert [entry["error"] for entry in told] == ["OSError"] * 8


async def test_after_it_had_begun_the_next_pause_is_the_shortest_again(pauses: Iterator[list[float]]) -> None:
    await _until_cancelled([OSError("down")] * 8 + [None, OSError("down")])
    *_, before, lost, again = next(pauses)
    assert before == module.LONGEST_S
    assert lost == module.SHORTEST_S
    assert again <= 2 * module.SHORTEST_S


async def test_a_fault_of_ours_is_raised() -> None:
    async def hold() -> None:
        raise ValueError("a fault of ours")

    with pytest.raises(ValueError, match="a fault of ours"):
        await keep_running(hold, "hold.retry", (OSError,))


async def test_a_cancellation_that_nobody_asked_for_ends_nothing(pauses: Iterator[list[float]]) -> None:
    """Story: a relay whose broker froze heard of a cancelled connection, took it for its own, and was gone for good."""
    calls: list[int] = []

    async def hold() -> None:
        calls.append(1)
        if len(calls) < 3:
            gone = asyncio.create_task(asyncio.Event().wait())
            gone.cancel()
            await gone
        raise ValueError("a fault of ours")

    with capture_logs() as logs, pytest.raises(ValueError, match="ours"):
        await keep_running(hold, "hold.retry", (OSError,))
    assert [entry["error"] for entry in logs if entry["event"] == "hold.retry"] == ["StrayCancellationError"] * 2
