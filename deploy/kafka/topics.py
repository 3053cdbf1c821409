"""Create the topics: `python -m deploy.kafka.topics --bootstrap HOST:PORT,… [--prefix P] [--replication N]`.

How to be let in (TLS, a log-in) is read from the environment: `KAFKA_TLS` and so on, as deploy/docs/settings.md says.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    KafkaConnectionError,
    KafkaError,
    TopicAlreadyExistsError,
    for_code,
)

from libs.contracts.topics import TOPICS, Topic
from libs.kafka.clients import Admin, admin, consumer
from libs.kafka.cluster import Servers
from libs.kafka.settings import KafkaSettings
from libs.runtime.settings import BadSettingsError, from_environment

_TIMEOUT_MS = 30_000
_IN_SYNC = "min.insync.replicas"
_SET_ON_THE_TOPIC = 1
"""Where Kafka has a setting from: others are the broker's own."""


def new_topic(topic: Topic, prefix: str = "", replication: int = 1) -> NewTopic:
    """What the broker is asked for; with three replicas or more a write needs two of them."""
    config = dict(topic.config)
    if replication >= 3:
        config[_IN_SYNC] = "2"
    return NewTopic(prefix + topic.name, topic.partitions, replication, topic_configs=config)


async def create_topics(
    servers: Servers, prefix: str = "", replication: int = 1, topics: Iterable[Topic] = TOPICS
) -> list[str]:
    """Create what is not there yet and wait until it can be used; gives the names of what was created.

    A topic that exists gains settings that it lacks; what somebody has set of it stays.

    Raises `KafkaError` if the broker refuses one, `TimeoutError` if one has no leader after 30 s.
    """
    wanted = [new_topic(topic, prefix, replication) for topic in topics]
    async with _asking(servers) as client:
        answer = await client.create_topics(wanted, timeout_ms=_TIMEOUT_MS)
        created = []
        for name, code, *message in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(f"{name}: {message[0] if message else ''}")
            if not code:
                created.append(str(name))
        described = await _described(client, wanted)
        await _complete(client, [_with(topic, described) for topic in wanted if topic.name not in created])
    await _await_leaders(servers, described)
    return created


async def differences(
    servers: Servers, prefix: str = "", replication: int = 1, topics: Iterable[Topic] = TOPICS
) -> list[str]:
    """A sentence for each topic that has other partitions or replicas than are asked for: those are nobody's to change
    in passing. More partitions move keys, and replicas are moved by the cluster's own tool.
    """
    told = []
    async with _asking(servers) as client:
        wanted = [new_topic(topic, prefix, replication) for topic in topics]
        for topic, found in zip(wanted, await _described(client, wanted), strict=True):
            partitions, replicas = len(found["partitions"]), _replicas(found)
            if partitions != topic.num_partitions:
                told.append(f"{topic.name} has {partitions} partitions, and {topic.num_partitions} were asked for")
            if replicas != replication:
                told.append(f"{topic.name} has {replicas} replicas, and {replication} were asked for")
    return told


@asynccontextmanager
async def _asking(servers: Servers) -> AsyncIterator[Admin]:
    client = admin(servers, request_timeout_ms=_TIMEOUT_MS)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def _described(client: Admin, topics: list[NewTopic]) -> list[dict[str, Any]]:
    """What the cluster says of topics, in their order, as soon as all of their partitions have leaders."""
    names = [topic.name for topic in topics]
    async with asyncio.timeout(_TIMEOUT_MS / 1000):
        while not _known(found := await client.describe_topics(names)):
            await asyncio.sleep(0.05)
    by_name = {topic["topic"]: topic for topic in found}
    return [by_name[name] for name in names]


def _replicas(topic: dict[str, Any]) -> int:
    """The fewest that one of its partitions has."""
    return min(len(partition["replicas"]) for partition in topic["partitions"])


def _with(topic: NewTopic, described: list[dict[str, Any]]) -> NewTopic:
    """What a topic that was there is to have: two replicas in sync of one would refuse every write."""
    (found,) = (one for one in described if one["topic"] == topic.name)
    configs = {k: v for k, v in topic.topic_configs.items() if k != _IN_SYNC or _replicas(found) >= 3}
    return NewTopic(topic.name, topic.num_partitions, topic.replication_factor, topic_configs=configs)


async def _complete(client: Admin, topics: list[NewTopic]) -> None:
    """An older release may have made a topic that keeps for ever what newer ones promise to forget."""
    if not topics:
        return
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    own: dict[str, dict[str, str]] = {}
    for answer in await client.describe_configs(asked):
        for _, _, _, name, entries in answer.resources:
            own[name] = {entry[0]: entry[1] for entry in entries if entry[3] == _SET_ON_THE_TOPIC}
    lacking = [topic for topic in topics if set(topic.topic_configs) - set(own.get(topic.name, {}))]
    if lacking:
        # this call knows no adding: what is not named goes back to the broker's default
        changed = [
            ConfigResource(ConfigResourceType.TOPIC, topic.name, topic.topic_configs | own.get(topic.name, {}))
            for topic in lacking
        ]
        for answer in await client.alter_configs(changed):
            for code, message, *_ in answer.resources:
                if code:
                    raise for_code(code)(message)


def _known(topics: list[dict[str, Any]]) -> bool:
    """Whether the brokers know every partition: the controller makes a topic a moment before they do."""
    return all(
        topic["error_code"] == 0 and all(partition["leader"] >= 0 for partition in topic["partitions"])
        for topic in topics
    )


async def _await_leaders(servers: Servers, topics: list[dict[str, Any]]) -> None:
    """Wait until every leader serves: a broker knows that it leads a moment before it does."""
    places = [TopicPartition(topic["topic"], one["partition"]) for topic in topics for one in topic["partitions"]]
    asking = consumer(servers, request_timeout_ms=_TIMEOUT_MS)
    asking.assign(places)  # or it would learn of one topic after the other, with a pause of 0.1 s before each
    await asking.start()
    try:
        await asking.end_offsets(places)
    finally:
        await asking.stop()


async def await_coordinator(servers: Servers) -> None:
    """Have the broker make its topic of offsets and wait for it, so that no consumer starts with an error in its log.

    A broker that listens already may not answer yet. Raises `TimeoutError` after 30 s.
    """
    async with asyncio.timeout(_TIMEOUT_MS / 1000):
        while True:
            with suppress(GroupCoordinatorNotAvailableError, KafkaConnectionError):
                async with _asking(servers) as client:
                    await client.find_coordinator("evercart")
                    return
            await asyncio.sleep(0.1)


async def delete_topics(servers: Servers, prefix: str, topics: Iterable[Topic] = TOPICS) -> None:
    """Delete the topics of a prefix (tests clean up behind themselves)."""
    async with _asking(servers) as client:
        await client.delete_topics([prefix + topic.name for topic in topics], timeout_ms=_TIMEOUT_MS)


async def _work(servers: Servers, prefix: str, replication: int) -> tuple[list[str], list[str]]:
    created = await create_topics(servers, prefix, replication)
    await await_coordinator(servers)
    return created, await differences(servers, prefix, replication)


def main() -> None:
    """Command line; exits with 1 and one sentence if the topics could not be created.

    Topics that are there and not as they were asked for are told of, and are no failure: they work.
    """
    parser = argparse.ArgumentParser(description="Create Evercart's topics; those that exist gain what they lack.")
    parser.add_argument("--bootstrap", metavar="HOST:PORT,…", help="Brokers, instead of KAFKA_BOOTSTRAP.")
    parser.add_argument("--prefix", default="")
    parser.add_argument("--replication", type=int, default=1, metavar="N")
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it reports what it is about to try again
    given = {"kafka_bootstrap": options.bootstrap} if options.bootstrap else {}
    try:
        servers = from_environment(KafkaSettings, **given).kafka
    except BadSettingsError as error:
        sys.exit(f"{error}\nAll settings: deploy/docs/settings.md")
    try:
        created, different = asyncio.run(_work(servers, options.prefix, options.replication))
    except (KafkaError, OSError, TimeoutError) as error:
        sys.exit(f"Could not create the topics on {servers}: {error or type(error).__name__}")
    print("\n".join(f"created {name}" for name in created) or "all topics were there")
    for sentence in different:
        print(sentence, file=sys.stderr)


if __name__ == "__main__":
    main()
