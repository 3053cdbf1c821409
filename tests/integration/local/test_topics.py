"""Topics that an older release has made are brought to what this one promises; what somebody has set of them stays."""

from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.kafka.topics import create_topics, delete_topics
from libs.contracts.topics import CUSTOMER_PROFILES, Topic


async def settings(kafka: str, name: str) -> dict[str, str]:
    """What is set of a topic, by whomever."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    await admin.close()
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
        assert await settings(kafka, prefix + "customer.profiles") == expected
        assert await create_topics(kafka, prefix, topics=[CUSTOMER_PROFILES]) == []
        assert await settings(kafka, prefix + "customer.profiles") == expected
    finally:
        await delete_topics(kafka, prefix, [older])
