"""A relay has so many places for us; who waits for one is called together with others, and never for nothing."""

import asyncio

import pytest

from services.notifier.channels import places as module
from services.notifier.channels.outcome import Accepted, Outcome, Postponed
from services.notifier.channels.places import Placed, Places


@pytest.fixture(autouse=True)
def gathering(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it takes, so that no test depends on how fast it runs."""
    monkeypatch.setattr(module, "GATHER_S", 600)


async def turn() -> None:
    """What is ready goes on."""
    for _ in range(5):
        await asyncio.sleep(0)


async def waiting(places: Places, count: int) -> list[asyncio.Task[object]]:
    """So many who found no place."""
    tasks = [asyncio.create_task(places.take()) for _ in range(count)]
    await turn()
    assert not any(task.done() for task in tasks)
    return tasks


async def called(tasks: list[asyncio.Task[object]]) -> list[bool]:
    await turn()
    return [task.done() for task in tasks]


async def test_those_who_wait_are_called_together_when_all_are_free_the_first_first() -> None:
    places = Places(4)
    taken = [await places.take() for _ in range(4)]
    tasks = await waiting(places, 6)
    for place in taken[:3]:
        places.give_back(place)
        assert await called(tasks) == [False] * 6
    places.give_back(taken[3])
    assert await called(tasks) == [True] * 4 + [False] * 2


async def test_where_fewer_wait_they_are_called_when_as_many_are_free() -> None:
    places = Places(4)
    taken = [await places.take() for _ in range(4)]
    tasks = await waiting(places, 2)
    places.give_back(taken[0])
    assert await called(tasks) == [False, False]
    places.give_back(taken[1])
    assert await called(tasks) == [True, True]


async def test_a_free_place_waits_for_others_only_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GATHER_S", 0)
    places = Places(4)
    taken = [await places.take() for _ in range(4)]
    tasks = await waiting(places, 3)
    places.give_back(taken[0])
    await tasks[0]
    assert await called(tasks) == [True, False, False]
    places.give_back(taken[1])
    await tasks[1]
    assert await called(tasks) == [True, True, False]
    tasks[2].cancel()


async def test_whoever_comes_while_others_wait_waits_behind_them() -> None:
    places = Places(4)
    taken = [await places.take() for _ in range(4)]
    first = await waiting(places, 2)
    places.give_back(taken[0])
    later = await waiting(places, 1)
    for place in taken[1:3]:
        assert await called([*first, *later]) == [False, False, False]
        places.give_back(place)
    assert await called([*first, *later]) == [True, True, True]


async def test_of_one_place_each_has_it_in_turn() -> None:
    places = Places(1)
    place = await places.take()
    tasks = await waiting(places, 2)
    places.give_back(place)
    assert await called(tasks) == [True, False]
    places.give_back(await tasks[0])
    assert await called(tasks) == [True, True]


async def test_a_place_that_is_given_back_twice_is_one() -> None:
    places = Places(1)
    place = await places.take()
    places.give_back(place)
    places.give_back(place)
    await places.take()
    (task,) = await waiting(places, 1)
    task.cancel()


async def test_whoever_hangs_leaves_the_place_to_one_more_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HANGS_S", 0)
    places = Places(1)
    hung = await places.take()
    again = await places.take()
    assert again is not hung
    tasks = await waiting(places, 1)
    places.give_back(hung)
    assert await called(tasks) == [False], "its place was another's already"
    places.give_back(again)
    assert await called(tasks) == [True]


async def test_when_fewer_hang_the_next_one_that_does_leaves_its_place_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HANGS_S", 0)
    places = Places(1)
    places.give_back(await places.take())
    for _ in range(2):
        hung = await places.take()
        places.give_back(await places.take())
        places.give_back(hung)


async def test_whoever_waits_too_long_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places(4)
    taken = [await places.take() for _ in range(4)]
    tasks = await waiting(places, 1)
    monkeypatch.setattr(module, "LONGEST_WAIT_S", 0)
    with pytest.raises(TimeoutError):
        await places.take()
    places.give_back(taken[0])
    assert await called(tasks) == [True], "the one who gave up is not waited for"


async def test_who_gives_up_lets_those_go_on_who_waited_for_more() -> None:
    places = Places(4)
    taken = [await places.take() for _ in range(4)]
    tasks = await waiting(places, 2)
    places.give_back(taken[0])
    tasks[0].cancel()
    assert await called(tasks) == [True, True]
    assert await tasks[1] is not None


async def test_who_is_called_in_the_moment_of_giving_up_gives_the_place_back() -> None:
    places = Places(1)
    place = await places.take()
    tasks = await waiting(places, 2)
    places.give_back(place)
    tasks[0].cancel()
    assert await called(tasks) == [True, True]
    assert tasks[0].cancelled()
    places.give_back(await tasks[1])
    await places.take()


class Post:
    """Takes a message when it is told to go on."""

    def __init__(self) -> None:
        self.given, self.go_on = list[object](), asyncio.Event()

    async def send(self, *message: object, **more: object) -> Outcome:
        self.given.append((message, more))
        await self.go_on.wait()
        return Accepted("1")

    async def close(self) -> None:
        self.given.append("closed")


async def test_a_provider_is_given_so_many_at_once_and_the_others_wait_without_its_being_asked() -> None:
    post = Post()
    placed = Placed("pigeon", post, 2)
    sending = [asyncio.create_task(placed.send("text", n, reminder_id=n)) for n in range(4)]
    await turn()
    assert post.given == [(("text", n), {"reminder_id": n}) for n in range(2)]
    post.go_on.set()
    assert [await one for one in sending] == [Accepted("1")] * 4
    await placed.close()
    assert post.given[4:] == ["closed"]


async def test_where_none_becomes_free_in_time_nobody_is_asked_and_nobody_blamed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LONGEST_WAIT_S", 0)
    post = Post()
    placed = Placed("pigeon_own", post, 1)
    first = asyncio.create_task(placed.send("text"))
    await turn()
    assert await placed.send("text") == Postponed("pigeon_own_busy", 0, asked=False)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    post.go_on.set()
    assert await placed.send("text") == Accepted("1")
