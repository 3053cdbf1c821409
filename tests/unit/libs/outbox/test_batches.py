"""Rows of the outbox become batches of Kafka's: each record where every client of Kafka would put it, in order."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka.errors import UnknownTopicOrPartitionError
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.events import LevelSet
from libs.outbox.batches import HANDFUL, Sent, hand_over, partition_of
from libs.outbox.store import rows
from libs.runtime.ids import uuid7

MOMENT = datetime(2026, 3, 14, 15, 9, 26, 535897, UTC)
PARTITIONS = 3


class Batch:
    """Has room for so many records."""

    def __init__(self, room: int) -> None:
        self.records: list[tuple[bytes, int, dict[str, bytes]]] = []
        self._room = room

    def append(self, *, timestamp, key, value, headers):
        if len(self.records) == self._room:
            return None
        self.records.append((key, json.loads(value)["available"], dict(headers)))
        return self.records

    def record_count(self):
        return len(self.records)


class Kafka:
    """Takes batches and keeps what came in each partition, in order."""

    def __init__(self, room: int = 10_000, missing: str = "") -> None:
        self.partitions: dict[tuple[str, int], list[tuple[bytes, int, dict[str, bytes]]]] = {}
        self.batches, self._room, self._missing = 0, room, missing

    async def partitions_for(self, topic):
        if topic == self._missing:
            raise UnknownTopicOrPartitionError
        return set(range(PARTITIONS))

    def create_batch(self):
        return Batch(self._room)

    async def send_batch(self, batch, topic, *, partition):
        self.batches += 1
        self.partitions.setdefault((topic, partition), []).extend(batch.records)
        future = asyncio.get_running_loop().create_future()
        future.set_result(len(batch.records))
        return future


def waiting(*skus: str, topic: str = LevelSet.topic) -> list[Any]:
    """Rows of the outbox, each with its number as what is left of its item."""
    events = [
        LevelSet(event_id=uuid7(), occurred_at=MOMENT, store_id="s", sku=sku, available=n, level_version=n + 1)
        for n, sku in enumerate(skus)
    ]
    told = rows(events, "/test")
    return [
        {"topic": topic, "key": key, "value": value, "headers": headers, "occurred_at": MOMENT}
        for key, value, headers in zip(told.keys, told.values, told.headers, strict=True)
    ]


async def given_to(kafka: Kafka, *some: Any, recorded: bool = False) -> list[Sent]:
    sent: list[Sent] = []
    await hand_over(kafka, some, "t.", sent, recorded=recorded)
    return sent


@given(st.binary(max_size=80), st.integers(1, 50))
def test_a_key_lies_where_every_client_of_kafka_puts_it(key: bytes, partitions: int) -> None:
    places = list(range(partitions))
    assert partition_of(key, partitions) == DefaultPartitioner()(key, places, places)


@pytest.mark.parametrize("room", [1, 7, 10_000])
async def test_each_record_comes_once_and_those_of_a_key_in_their_order(room: int) -> None:
    skus = [f"sku-{n * n % 11}" for n in range(HANDFUL + 50)]
    kafka = Kafka(room)
    sent = await given_to(kafka, *waiting(*skus))
    came = [number for records in kafka.partitions.values() for _, number, _ in records]
    assert sorted(came) == list(range(len(skus)))
    for (topic, partition), records in kafka.partitions.items():
        assert topic == "t." + LevelSet.topic
        assert {partition_of(key, PARTITIONS) for key, _, _ in records} == {partition}
        for key in {key for key, _, _ in records}:
            of_key = [number for k, number, _ in records if k == key]
            assert of_key == sorted(of_key)
    assert [(one.count, one.outcome.result()) for one in sent] == [(one.count,) * 2 for one in sent]
    assert sum(one.count for one in sent) == len(skus)


async def test_what_goes_to_one_partition_goes_together() -> None:
    kafka = Kafka()
    await given_to(kafka, *waiting(*(f"sku-{n}" for n in range(HANDFUL))))
    assert kafka.batches == PARTITIONS


async def test_records_say_when_the_database_says_that_they_occurred_unless_they_are_recorded() -> None:
    (row,) = waiting("mug")
    row["occurred_at"] = later = MOMENT.replace(year=2027)
    for recorded, moment in ((False, later), (True, MOMENT)):
        kafka = Kafka()
        await given_to(kafka, row, recorded=recorded)
        (((_, _, headers),),) = kafka.partitions.values()
        assert headers["ce_time"].decode() == moment.isoformat()
        assert headers["ce_type"] == b"inventory.level_set"


async def test_what_is_on_its_way_is_known_when_the_rest_can_not_be_sent() -> None:
    kafka, sent = Kafka(missing="t.nowhere"), list[Sent]()
    some = [*waiting(*["mug"] * HANDFUL), *waiting("cup", topic="nowhere")]
    with pytest.raises(UnknownTopicOrPartitionError):
        await hand_over(kafka, some, "t.", sent, recorded=False)
    assert [one.count for one in sent] == [HANDFUL]
