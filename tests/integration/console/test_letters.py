"""Dead letters on a real Kafka, as the pages ask for them."""

import pytest
from aiokafka import TopicPartition

from libs.contracts.topics import dlq
from libs.kafka.clients import consumer, producer
from services.console.clients import dead_letters
from services.console.clients.dead_letters import KafkaLetters
from services.console.clients.service import ServiceError

TOPIC = "stores"


async def put_aside(kafka: str, prefix: str, number: int) -> None:
    sender = producer(kafka)
    await sender.start()
    for n in range(number):
        headers = [("ce_type", b"store.described"), ("dlq_partition", b"0"), ("dlq_offset", b"7"), ("dlq_error", b"x")]
        await sender.send_and_wait(prefix + dlq(TOPIC), b"{}", key=b"%d" % n, headers=headers)
    await sender.stop()


async def on_topic(kafka: str, prefix: str) -> int:
    reader, place = consumer(kafka), TopicPartition(prefix + TOPIC, 0)
    await reader.start()
    found: int = (await reader.end_offsets([place]))[place]
    await reader.stop()
    return found


async def test_letters_are_put_back_in_portions_up_to_what_was_seen_and_the_rest_is_dismissed(
    kafka: str, topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "PORTION", 2)
    letters = KafkaLetters(kafka, topic_prefix)
    await put_aside(kafka, topic_prefix, 3)
    seen = await letters.shown(TOPIC)
    assert ([one.number for one in seen.letters], seen.waiting, seen.through) == ([0, 1], 3, 2)
    await put_aside(kafka, topic_prefix, 2)
    assert await letters.put_back(TOPIC, seen.through) == 3
    assert await on_topic(kafka, topic_prefix) == 3
    (found,) = await letters.counts()
    assert (found.waiting, found.kept) == (2, 5), "what came later waits"
    assert await letters.dismiss(TOPIC, 3) == 1
    assert await letters.dismiss(TOPIC, 4) == 1
    assert (await letters.shown(TOPIC)).letters == ()
    assert await on_topic(kafka, topic_prefix) == 3


async def test_brokers_that_are_not_there_are_a_service_that_is_silent() -> None:
    with pytest.raises(ServiceError) as refused:
        await KafkaLetters("127.0.0.1:9", "").counts()
    assert refused.value.silent
