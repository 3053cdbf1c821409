"""Create the topics: `python -m deploy.kafka.topics --bootstrap HOST:PORT [--prefix P] [--replication N]`."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError, TopicAlreadyExistsError, for_code

from libs.contracts.topics import TOPICS, Topic

_TIMEOUT_MS = 30_000
_SET_ON_THE_TOPIC = 1
"""Where Kafka has a setting from: others are the broker's own."""


def new_topic(topic: Topic, prefix: str = "", replication: int = 1) -> NewTopic:
    """What the broker is asked for; with three replicas or more a write needs two of them."""
    config = dict(topic.config)
    if replication >= 3:
        config["min.insync.replicas"] = "2"
    return NewTopic(prefix + topic.name, topic.partitions, replication, topic_configs=config)


async def create_topics(
    bootstrap: str, prefix: str = "", replication: int = 1, topics: Iterable[Topic] = TOPICS
) -> list[str]:
    """Create what is not there yet and wait until it can be used; gives the names of what was created.

    A topic that exists gains settings that it lacks; what somebody has set of it stays.

    Raises `KafkaError` if the broker refuses one, `TimeoutError` if one has no leader after 30 s.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_TIMEOUT_MS)
    await admin.start()
    try:
        wanted = [new_topic(topic, prefix, replication) for topic in topics]
        answer = await admin.create_topics(wanted, timeout_ms=_TIMEOUT_MS)
        created = []
        for name, code, *message in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(f"{name}: {message[0] if message else ''}")
            if not code:
                created.append(str(name))
        await _complete(admin, [topic for topic in wanted if topic.name not in created])
        async with asyncio.timeout(_TIMEOUT_MS / 1000):
            while not _known(described := await admin.describe_topics([topic.name for topic in wanted])):
                await asyncio.sleep(0.05)
    finally:
        await admin.close()
    await _await_leaders(bootstrap, described)
    return created


async def _complete(admin: AIOKafkaAdminClient, topics: list[NewTopic]) -> None:
    """An older release may have made a topic that keeps for ever what newer ones promise to forget."""
    if not topics:
        return
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    own: dict[str, dict[str, str]] = {}
    for answer in await admin.describe_configs(asked):
        for _, _, _, name, entries in answer.resources:
            own[name] = {entry[0]: entry[1] for entry in entries if entry[3] == _SET_ON_THE_TOPIC}
    lacking = [topic for topic in topics if set(topic.topic_configs) - set(own.get(topic.name, {}))]
    if lacking:
        # this call knows no adding: what is not named goes back to the broker's default
        changed = [
            ConfigResource(ConfigResourceType.TOPIC, topic.name, topic.topic_configs | own.get(topic.name, {}))
            for topic in lacking
        ]
        for answer in await admin.alter_configs(changed):
            for code, message, *_ in answer.resources:
                if code:
                    raise for_code(code)(message)


def _known(topics: list[dict[str, Any]]) -> bool:
    """Whether the brokers know every partition: the controller makes a topic a moment before they do."""
    return all(
        topic["error_code"] == 0 and all(partition["leader"] >= 0 for partition in topic["partitions"])
        for topic in topics
    )


async def _await_leaders(bootstrap: str, topics: list[dict[str, Any]]) -> None:
    """Wait until every leader serves: a broker knows that it leads a moment before it does."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, request_timeout_ms=_TIMEOUT_MS)
    await consumer.start()
    try:
        await consumer.end_offsets(
            [
                TopicPartition(topic["topic"], partition["partition"])
                for topic in topics
                for partition in topic["partitions"]
            ]
        )
    finally:
        await consumer.stop()


async def await_coordinator(bootstrap: str) -> None:
    """Have the broker make its topic of offsets and wait for it, so that no consumer starts with an error in its log.

    Raises `TimeoutError` after 30 s.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_TIMEOUT_MS)
    await admin.start()
    try:
        async with asyncio.timeout(_TIMEOUT_MS / 1000):
            while True:
                with suppress(GroupCoordinatorNotAvailableError):
                    await admin.find_coordinator("evercart")
                    return
                await asyncio.sleep(0.1)
    finally:
        await admin.close()


async def delete_topics(bootstrap: str, prefix: str, topics: Iterable[Topic] = TOPICS) -> None:
    """Delete the topics of a prefix (tests clean up behind themselves)."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=_TIMEOUT_MS)
    await admin.start()
    try:
        await admin.delete_topics([prefix + topic.name for topic in topics], timeout_ms=_TIMEOUT_MS)
    finally:
        await admin.close()


def main() -> None:
    """Command line; exits with 1 and one sentence if the topics could not be created."""
    parser = argparse.ArgumentParser(description="Create Evercart's topics; those that exist gain what they lack.")
    parser.add_argument("--bootstrap", required=True, metavar="HOST:PORT")
    parser.add_argument("--prefix", default="")
    parser.add_argument("--replication", type=int, default=1, metavar="N")
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it reports what it is about to try again
    try:
        created = asyncio.run(create_topics(options.bootstrap, options.prefix, options.replication))
        asyncio.run(await_coordinator(options.bootstrap))
    except (KafkaError, TimeoutError) as error:
        sys.exit(f"Could not create the topics on {options.bootstrap}: {error}")
    print("\n".join(f"created {name}" for name in created) or "all topics were there")


if __name__ == "__main__":
    main()
