"""What waits goes together; nobody is forgotten, answered for another, or made to pay for another's trouble."""

import asyncio
from collections.abc import Sequence
from weakref import ref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cart.handlers import batches
from services.cart.handlers.batches import AT_ONCE, Batches
from tests.support.eventually import eventually


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks alone is not taken for slow because this machine is."""
    monkeypatch.setattr(batches, "PATIENCE_S", 3600)


class HarmlessError(Exception):
    """Nothing was done."""


class UnclearError(Exception):
    """Nobody knows what was done."""


class Work:
    """Answers 2 by 20. Each piece of work waits for `step`, which lets the oldest one go on."""

    def __init__(self, *, hard: Sequence[int] = (), most: int = 64) -> None:
        self.hard, self.began = hard, list[tuple[int, ...]]()
        self.gates = list[asyncio.Future[Exception | None]]()
        self.batches: Batches[int, int] = Batches(self._together, self._alone, (HarmlessError,), most=most)

    async def _together(self, questions: Sequence[int]) -> list[int | None]:
        await self._work(tuple(questions))
        return [None if one in self.hard else one * 10 for one in questions]

    async def _alone(self, question: int) -> int:
        await self._work((question,))
        return question * 10

    async def _work(self, questions: tuple[int, ...]) -> None:
        self.began.append(questions)
        gate: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self.gates.append(gate)
        if (error := await gate) is not None:
            raise error

    async def step(self, error: Exception | None = None) -> None:
        self.gates.pop(0).set_result(error)
        await settled()

    async def finish(self) -> None:
        while self.gates:
            self.gates = [gate for gate in self.gates if not gate.done()]
            if self.gates:
                await self.step()

    async def asking(self, *questions: int) -> "list[asyncio.Task[int]]":
        tasks = [asyncio.create_task(self.batches.ask(one)) for one in questions]
        await settled()
        return tasks


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_few_callers_wait_for_nobody():
    work = Work()
    tasks = await work.asking(*range(AT_ONCE))
    assert work.began == [(0,), (1,)]
    await work.finish()
    assert [await one for one in tasks] == [0, 10]


async def test_those_who_wait_go_together_once_a_turn_ends():
    work = Work()
    tasks = await work.asking(1, 2, 3, 4, 5)
    assert work.began == [(1,), (2,)]
    await work.step()
    assert work.began == [(1,), (2,), (3, 4, 5)]
    await work.finish()
    assert [await one for one in tasks] == [10, 20, 30, 40, 50]


async def test_one_who_waits_alone_is_asked_alone_and_counts():
    work = Work()
    first = await work.asking(1, 2, 3)
    await work.step()
    assert work.began == [(1,), (2,), (3,)]
    second = await work.asking(4, 5)
    assert work.began == [(1,), (2,), (3,)], "the turns are taken"
    await work.step()
    assert work.began[3:] == [(4, 5)]
    await work.finish()
    assert [await one for one in first + second] == [10, 20, 30, 40, 50]


async def test_a_batch_has_a_bound_and_the_rest_follows_in_order():
    work = Work(most=2)
    tasks = await work.asking(*range(1, 8))
    await work.finish()
    assert work.began == [(1,), (2,), (3, 4), (5, 6), (7,)]
    assert [await one for one in tasks] == [10, 20, 30, 40, 50, 60, 70]


async def test_what_a_batch_leaves_open_is_asked_alone():
    work = Work(hard=[4])
    tasks = await work.asking(1, 2, 3, 4, 5)
    await work.finish()
    assert work.began == [(1,), (2,), (3, 4, 5), (4,)]
    assert [await one for one in tasks] == [10, 20, 30, 40, 50]


async def test_after_a_harmless_failure_each_is_asked_alone():
    work = Work()
    tasks = await work.asking(1, 2, 3, 4)
    await work.step()
    await work.step()
    await work.step(HarmlessError())
    await work.finish()
    assert work.began == [(1,), (2,), (3, 4), (3,), (4,)]
    assert [await one for one in tasks] == [10, 20, 30, 40]


async def test_after_an_unclear_failure_nobody_is_asked_again():
    work = Work()
    tasks = await work.asking(1, 2, 3, 4)
    await work.step()
    await work.step()
    await work.step(UnclearError())
    await work.finish()
    assert work.began == [(1,), (2,), (3, 4)]
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert found[:2] == [10, 20]
    assert [type(one) for one in found[2:]] == [UnclearError, UnclearError]


async def test_an_error_of_one_alone_is_theirs_and_ends_their_turn():
    work = Work()
    failing, other = await work.asking(1, 2)
    await work.step(UnclearError())
    with pytest.raises(UnclearError):
        await failing
    (third,) = await work.asking(3)
    assert work.began == [(1,), (2,), (3,)]
    await work.finish()
    assert (await other, await third) == (20, 30)


async def test_who_waits_for_something_of_their_own_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch):
    """Story: two shoppers whose carts were locked by an order would have stopped the whole shop."""
    work = Work()
    with monkeypatch.context() as impatient:
        impatient.setattr(batches, "PATIENCE_S", 0)
        slow = await work.asking(*range(AT_ONCE))
    tasks = await work.asking(7, 8, 9, 10)

    async def others_go_on() -> bool:
        return len(work.began) > AT_ONCE

    await eventually(others_go_on)
    while not all(one.done() for one in tasks):
        for gate in work.gates[AT_ONCE:]:
            if not gate.done():
                gate.set_result(None)
        await settled()
    assert not any(one.done() for one in slow)
    await work.finish()
    assert [await one for one in slow + tasks] == [0, 10, 70, 80, 90, 100]
    work.began.clear()
    await work.asking(1, 2, 3)
    assert work.began == [(1,), (2,)], "their turns came back once, not twice"
    work.gates = [gate for gate in work.gates if not gate.done()]
    await work.finish()


async def test_who_gives_up_is_not_asked_for():
    work = Work()
    tasks = await work.asking(1, 2, 3, 4, 5)
    tasks[3].cancel()
    await settled()
    await work.finish()
    assert work.began == [(1,), (2,), (3, 5)]
    assert tasks[3].cancelled()


async def test_who_gives_up_as_their_turn_comes_hands_it_on():
    work = Work()
    tasks = await work.asking(1, 2, 3)
    work.gates.pop(0).set_result(None)
    while not tasks[0].done():
        await asyncio.sleep(0)
    tasks[2].cancel()
    await settled()
    later = await work.asking(4)
    await work.finish()
    assert [await tasks[0], await tasks[1], await later[0]] == [10, 20, 40]
    again = await work.asking(5, 6)
    assert work.began[-2:] == [(5,), (6,)], "no turn is lost"
    await work.finish()
    assert [await one for one in again] == [50, 60]


@given(st.lists(st.sampled_from(["ask", "step", "fail", "give up"]), max_size=60), st.integers(1, 5))
async def test_whatever_comes_each_is_answered_once_and_no_turn_is_lost(steps: list[str], most: int):
    work, tasks = Work(most=most), list[asyncio.Task[int]]()
    for step in steps:
        if step == "ask":
            tasks += await work.asking(len(tasks))
        elif step == "give up" and tasks:
            tasks[-1].cancel()
            await settled()
        elif work.gates and not work.gates[0].done():
            await work.step(HarmlessError() if step == "fail" and len(work.began[-1]) > 1 else None)
        work.gates = [gate for gate in work.gates if not gate.done()]
        assert len(work.gates) <= AT_ONCE + sum(len(one) for one in work.began if len(one) > 1)
    while work.gates:
        await work.step()
        work.gates = [gate for gate in work.gates if not gate.done()]
    found = await asyncio.gather(*tasks, return_exceptions=True)
    for number, answer in enumerate(found):
        assert answer == number * 10 or isinstance(answer, (asyncio.CancelledError, HarmlessError))
    work.began.clear()
    await work.asking(*range(AT_ONCE))
    assert work.began == [(0,), (1,)], "all turns are free again"
    await work.finish()


async def test_a_failure_is_freed_with_the_last_who_heard_of_it_without_a_collection():
    let = asyncio.Event()

    async def fails(_questions: Sequence[int]) -> Sequence[int]:
        raise UnclearError

    async def alone(question: int) -> int:
        await let.wait()
        return question

    together = Batches(fails, alone, (HarmlessError,))

    async def heard(question: int) -> ref[UnclearError] | int:
        try:
            return await together.ask(question)
        except UnclearError as error:
            return ref(error)

    asking = [asyncio.create_task(heard(one)) for one in range(AT_ONCE + 2)]
    await settled()
    let.set()
    found = [await one for one in asking]
    await settled()
    assert [one() for one in found if isinstance(one, ref)] == [None, None]
