"""Topics that an older release has made are brought to what this one promises; what somebody has set of them stays."""

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.kafka.topics import create_topics, delete_topics, differences
from libs.contracts.topics import CUSTOMER_PROFILES, STORES, TOPICS, Topic
from libs.kafka.clients import admin
from tests.support.eventually import eventually

ROOT = Path(__file__).resolve().parents[3]


async def settings(kafka: str, name: str) -> dict[str, str]:
    """What is set of a topic, by whomever."""
    client = admin(kafka)
    await client.start()
    (answer,) = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    await client.close()
    return {entry[0]: entry[1] for *_, entries in answer.resources for entry in entries if entry[3] == 1}


async def test_a_topic_of_an_older_release_gains_what_it_lacks_and_keeps_what_was_set(kafka: str):
    prefix = f"older{uuid4().hex[:8]}."
    older = Topic(
        CUSTOMER_PROFILES.name,
        1,
        {"cleanup.policy": "compact", "segment.ms": "3600000", "max.message.bytes": "2000000"},
    )
    try:
        assert await create_topics(kafka, prefix, topics=[older]) == [prefix + "customer.profiles"]
        assert await create_topics(kafka, prefix, topics=[CUSTOMER_PROFILES]) == []
        expected = dict(CUSTOMER_PROFILES.config) | dict(older.config)

        async def gained() -> bool:
            return await settings(kafka, prefix + "customer.profiles") == expected

        await eventually(gained)  # the controller takes a setting a moment before the broker knows it
        assert await create_topics(kafka, prefix, topics=[CUSTOMER_PROFILES]) == []
        assert await settings(kafka, prefix + "customer.profiles") == expected
    finally:
        await delete_topics(kafka, prefix, [older])


async def test_a_topic_that_is_not_as_it_was_asked_for_is_told_of_and_goes_on_taking_writes(kafka: str):
    """Asked for three replicas, one that has a single one would have been told to keep two of them in sync."""
    prefix = f"few{uuid4().hex[:8]}."
    older = Topic(CUSTOMER_PROFILES.name, 2, {"cleanup.policy": "compact"})
    asked = [CUSTOMER_PROFILES, STORES]
    name = prefix + CUSTOMER_PROFILES.name
    try:
        await create_topics(kafka, prefix, topics=[older, STORES])
        assert await create_topics(kafka, prefix, 3, asked) == []
        assert "min.insync.replicas" not in await settings(kafka, name)
        assert await differences(kafka, prefix, 1, [older, STORES]) == []
        assert await differences(kafka, prefix, 3, asked) == [
            f"{name} has 2 partitions, and 6 were asked for",
            f"{name} has 1 replicas, and 3 were asked for",
            f"{prefix}stores has 1 replicas, and 3 were asked for",
        ]
    finally:
        await delete_topics(kafka, prefix, asked)


def test_the_command_tells_of_them_and_is_content(kafka: str, topic_prefix: str):
    command = [sys.executable, "-m", "deploy.kafka.topics", "--bootstrap", kafka, "--prefix", topic_prefix]
    command += ["--replication", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout == "all topics were there\n"
    assert len(done.stderr.splitlines()) == len(TOPICS)
