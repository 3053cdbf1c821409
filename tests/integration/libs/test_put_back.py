"""Dead letters on a real Kafka: seen, put back where they came from, handled then, and dealt with."""

from collections.abc import Sequence

import pytest

from libs.contracts.topics import TOPICS, Topic
from libs.inbox.consumer import Inbox
from libs.inbox.put_back import DeadLetterBox, Waiting
from tests.integration.libs.conftest import level
from tests.integration.libs.test_inbox import TOPIC, Collector, running


@pytest.fixture
def topics() -> Sequence[Topic]:
    """All, for the dead letters of all are counted."""
    return TOPICS


@pytest.fixture
async def box(kafka, topic_prefix):
    async with DeadLetterBox(kafka, topic_prefix) as box:
        yield box


async def put_aside(kafka, topic_prefix, *numbers):
    """A consumer that can't take these moves them aside; one more that it takes ends it."""
    broken = Collector(lambda event: ValueError("no room") if event.available in numbers else None)
    async with running(Inbox(kafka, "g", [TOPIC], broken, topic_prefix=topic_prefix)):
        await broken.until(99)


async def test_what_was_put_aside_is_counted_shown_and_handled_when_put_back(kafka, topic_prefix, put, box, read_all):
    await put(level(1), level(2), level(99))
    assert await box.counts() == []
    await put_aside(kafka, topic_prefix, 1, 2)

    assert await box.counts() == [Waiting(TOPIC, 2, 2)]
    first, second = await box.letters(TOPIC)
    assert await box.letters(TOPIC, most=1) == [first]
    assert await box.newest(TOPIC) == second.number
    assert (first.type, first.number, second.number) == ("inventory.level_set", 0, 1)
    assert "ValueError" in first.why
    original = [one for one in await read_all(TOPIC) if one.key == first.key][: len((first, second))]
    assert [(one.partition, one.offset) for one in original] == [(x.partition, x.offset) for x in (first, second)]

    assert await box.put_back([first, second]) == 2
    again = [one for one in await read_all(TOPIC) if one.key == first.key][-2:]
    assert [(r.key, r.value, r.headers, r.partition) for r in again] == [
        (r.key, r.value, r.headers, r.partition) for r in original
    ], "to the byte what it was, on the partition it was on, in its order"
    mended = Collector()
    async with running(Inbox(kafka, "g", [TOPIC], mended, topic_prefix=topic_prefix)):
        await mended.until(1, 2)
    assert mended.seen == [1, 2]

    await box.dealt_with(TOPIC, second.number)
    assert await box.counts() == [Waiting(TOPIC, 0, 2)]
    assert await box.letters(TOPIC) == []
    assert [one.id for one in await box.letters(TOPIC, [1, 0, 7])] == [first.id, second.id], "they can still be seen"
    async with DeadLetterBox(kafka, topic_prefix) as later:
        assert await later.counts() == [Waiting(TOPIC, 0, 2)], "whoever looks next knows"


async def test_a_topic_without_dead_letters_is_refused(box):
    with pytest.raises(KeyError):
        await box.letters("cart.event")
