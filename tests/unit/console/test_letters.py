"""Dead letters as pages ask for them: a portion at a time, up to what was seen, and no later."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Self

import pytest
from aiokafka.errors import KafkaConnectionError

from libs.inbox import put_back
from libs.inbox.put_back import DeadLetter, Waiting
from services.console.clients import dead_letters
from services.console.clients.dead_letters import KafkaLetters
from services.console.clients.service import ServiceError

AT = datetime(2026, 12, 1, 10, 15, tzinfo=UTC)
TOPIC = "cart.events"
KEPT = range(10, 17)


def letter(number: int) -> DeadLetter:
    return DeadLetter(TOPIC, number, AT, "unreadable", 3, 40, {}, b"k", b"{}")


class Box:
    """Letters 10 to 16, of which those below `since` were dealt with. After each portion a further one comes in."""

    since: int
    end: int
    sent: list[int]
    broken: bool

    def __init__(self, *_: Any) -> None: ...

    async def __aenter__(self) -> Self:
        if Box.broken:
            raise KafkaConnectionError("nobody there")
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def counts(self) -> list[Waiting]:
        return [Waiting("stores", 1, 1), Waiting(TOPIC, Box.end - Box.since, Box.end - KEPT.start)]

    async def newest(self, _topic: str) -> int:
        return Box.end - 1

    async def letters(self, topic: str, _numbers: None = None, *, most: int | None = None) -> list[DeadLetter]:
        if topic != TOPIC:
            raise KeyError(topic)
        return [letter(n) for n in range(Box.since, Box.end)][:most]

    async def put_back(self, letters: Iterable[DeadLetter]) -> int:
        numbers = [one.number for one in letters]
        Box.sent += numbers
        Box.end += 1
        return len(numbers)

    async def dealt_with(self, _topic: str, number: int) -> None:
        Box.since = number + 1


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> KafkaLetters:
    Box.since, Box.end, Box.sent, Box.broken = 12, KEPT.stop, [], False
    monkeypatch.setattr(dead_letters, "DeadLetterBox", Box)
    monkeypatch.setattr(dead_letters, "PORTION", 2)
    monkeypatch.setattr(put_back, "PORTION", 2)
    return KafkaLetters("here", "p.")


async def test_the_oldest_are_shown_with_how_many_wait_and_the_newest_of_them(letters: KafkaLetters) -> None:
    found = await letters.shown(TOPIC)
    assert ([one.number for one in found.letters], found.waiting, found.through) == ([12, 13], 5, 16)
    assert await letters.counts() == [Waiting("stores", 1, 1), Waiting(TOPIC, 5, 7)]


async def test_all_up_to_a_number_are_put_back_in_portions_and_what_came_later_waits(letters: KafkaLetters) -> None:
    assert await letters.put_back(TOPIC, 16) == 5
    assert (Box.sent, Box.since) == ([12, 13, 14, 15, 16], 17)
    assert await letters.put_back(TOPIC, 16) == 0, "a form that is sent twice"


async def test_what_takes_too_long_stays_for_the_next_time(
    letters: KafkaLetters, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([0.0, 1.0, dead_letters.PUTTING_BACK_S])
    monkeypatch.setattr(put_back, "monotonic", lambda: next(times))
    assert await letters.put_back(TOPIC, 16) == 2
    assert (Box.sent, Box.since) == ([12, 13], 14)


@pytest.mark.parametrize(
    ("through", "done", "since"), [(16, 5, 17), (13, 2, 14), (12, 1, 13), (11, 0, 12), (3, 0, 12), (99, 5, 17)]
)
async def test_up_to_a_number_they_are_dealt_with_and_none_waits_again(
    letters: KafkaLetters, through: int, done: int, since: int
) -> None:
    assert await letters.dismiss(TOPIC, through) == done
    assert (Box.since, Box.sent) == (since, [])


async def test_where_none_waits_none_is_dealt_with(letters: KafkaLetters) -> None:
    Box.since = Box.end
    assert await letters.dismiss(TOPIC, 16) == 0
    assert Box.since == Box.end


async def test_brokers_that_do_not_answer_are_a_service_that_does_not(letters: KafkaLetters) -> None:
    Box.broken = True
    with pytest.raises(ServiceError) as refused:
        await letters.counts()
    assert (refused.value.service, refused.value.silent) == ("kafka", True)
