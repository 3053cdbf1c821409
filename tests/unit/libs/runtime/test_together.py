"""Questions of many callers, answered together."""

import asyncio
from collections.abc import Sequence
from weakref import ref

import pytest

from libs.runtime.together import Together


class Answers:
    """Answers a number with its double when it is let, and remembers what it was asked in which call."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.called, self.let = asyncio.Semaphore(0), asyncio.Event()
        self.let.set()
        self.fails: dict[int, Exception] = {}
        self.tells: dict[int, Exception] = {}

    async def __call__(self, asked: Sequence[int]) -> Sequence[int | Exception]:
        self.calls.append(list(asked))
        self.called.release()
        await self.let.wait()
        for one in asked:
            if one in self.fails:
                raise self.fails[one]
        return [self.tells.get(one, 2 * one) for one in asked]


async def test_those_who_ask_in_one_moment_are_answered_by_one_call_each_with_their_own() -> None:
    answers = Answers()
    together = Together(answers)
    assert await asyncio.gather(*(together(n) for n in (3, 1, 2))) == [6, 2, 4]
    assert answers.calls == [[3, 1, 2]]


async def test_who_asks_as_long_as_each_turn_of_the_loop_brings_another_goes_along() -> None:
    answers = Answers()
    together = Together(answers)

    async def later(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await together(turns)

    assert await asyncio.gather(*(later(turns) for turns in (0, 1, 2, 9))) == [0, 2, 4, 18]
    assert answers.calls == [[0, 1, 2], [9]]


async def test_what_is_asked_while_calls_are_under_way_waits_for_the_next_one() -> None:
    answers = Answers()
    answers.let.clear()
    together = Together(answers, calls=2)
    asking = []
    for number in (1, 2):  # each begins a call of its own
        asking.append(asyncio.create_task(together(number)))
        await answers.called.acquire()
    asking += [asyncio.create_task(together(number)) for number in (3, 4, 5)]
    await asyncio.sleep(0)
    assert answers.calls == [[1], [2]]
    answers.let.set()
    assert await asyncio.gather(*asking) == [2, 4, 6, 8, 10]
    assert answers.calls == [[1], [2], [3, 4, 5]]


async def test_it_works_again_when_nothing_was_asked_for_a_while() -> None:
    answers = Answers()
    together = Together(answers, calls=1)
    assert [await together(1), await together(2)] == [2, 4]
    assert answers.calls == [[1], [2]]


async def test_a_call_takes_no_more_than_it_may() -> None:
    answers = Answers()
    together = Together(answers, most=2, calls=1)
    assert await asyncio.gather(*(together(n) for n in range(5))) == [0, 2, 4, 6, 8]
    assert answers.calls == [[0, 1], [2, 3], [4]]


async def test_of_two_with_a_key_in_common_the_later_one_is_asked_later() -> None:
    """Also where they have it in common by way of one that waits itself."""
    answers = Answers()
    together = Together(answers, calls=1, apart=lambda n: {10: "ab", 11: "bc", 12: "c", 13: "d"}[n])
    assert await asyncio.gather(*(together(n) for n in (10, 11, 12, 13))) == [20, 22, 24, 26]
    assert answers.calls == [[10, 13], [11], [12]]


async def test_the_fault_of_one_stays_with_it_where_each_can_be_asked_alone() -> None:
    answers = Answers()
    answers.fails = {2: LookupError("two")}
    together = Together(answers, singly=(LookupError,))
    found = await asyncio.gather(*(together(n) for n in (1, 2, 3)), return_exceptions=True)
    assert [str(one) for one in found] == ["2", "two", "6"]
    assert answers.calls == [[1, 2, 3], [1], [2], [3]]


async def test_any_other_fault_is_everybody_s() -> None:
    answers = Answers()
    answers.fails = {2: OSError("away")}
    together = Together(answers, singly=(LookupError,))
    found = await asyncio.gather(*(together(n) for n in (1, 2, 3)), return_exceptions=True)
    assert [str(one) for one in found] == ["away"] * 3
    assert answers.calls == [[1, 2, 3]]
    assert await together(4) == 8, "and the next call is made"


async def test_an_exception_that_is_the_answer_to_one_is_raised_for_that_one() -> None:
    answers = Answers()
    answers.tells = {2: LookupError("two")}
    together = Together(answers)
    found = await asyncio.gather(*(together(n) for n in (1, 2, 3)), return_exceptions=True)
    assert [str(one) for one in found] == ["2", "two", "6"]
    assert answers.calls == [[1, 2, 3]]


async def test_whoever_has_gone_is_not_asked_for_and_keeps_nobody_from_an_answer() -> None:
    answers = Answers()
    answers.let.clear()
    together = Together(answers, calls=1)
    first, second, third, fourth = (asyncio.create_task(together(n)) for n in (1, 2, 3, 4))
    await answers.called.acquire()
    later = [asyncio.create_task(together(n)) for n in (5, 6)]
    await asyncio.sleep(0)
    second.cancel()
    later[0].cancel()
    answers.let.set()
    assert [await one for one in (first, third, fourth, later[1])] == [2, 6, 8, 12]
    assert second.cancelled()
    assert answers.calls == [[1, 2, 3, 4], [6]]


async def test_whoever_asks_ends_with_a_call_that_is_ended() -> None:
    async def ended(_: Sequence[int]) -> Sequence[int]:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Together(ended)(1)


class FaultError(Exception):
    """Of a call."""


@pytest.mark.parametrize("singly", [(), (FaultError,)])
async def test_a_fault_is_freed_with_the_last_who_heard_of_it_without_a_collection(singly: tuple[type[Exception], ...]):
    async def fails(_asked: Sequence[int]) -> Sequence[int]:
        raise FaultError

    together = Together(fails, singly=singly)

    async def heard(number: int) -> ref[FaultError]:
        try:
            await together(number)
        except FaultError as fault:
            return ref(fault)
        raise AssertionError("it has no answer")

    asking = [asyncio.create_task(heard(number)) for number in range(2)]
    faults = [await one for one in asking]
    await asyncio.gather(*together._tasks)  # it ends after those who asked have heard
    assert [fault() for fault in faults] == [None, None]
