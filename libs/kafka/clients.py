"""Every client of Kafka is made here, from a cluster; the consumers' broker, which is FastStream's, in `broker.py`."""

from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from libs.kafka.cluster import Servers, cluster_of

Producer = Any  # aiokafka carries no types
Consumer = Any
Admin = Any


def producer(servers: Servers, **options: Any) -> Producer:  # noqa: ANN401 - aiokafka's own
    """A producer that loses nothing: every replica acknowledges, and a retry is not a duplicate."""
    return AIOKafkaProducer(
        **cluster_of(servers).options(),
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=262_144,
        max_request_size=4_194_304,
        **{"request_timeout_ms": 10_000, **options},
    )


def consumer(servers: Servers, *topics: str, **options: Any) -> Consumer:  # noqa: ANN401 - aiokafka's own
    """A consumer that commits nothing by itself."""
    return AIOKafkaConsumer(*topics, **cluster_of(servers).options(), **{"enable_auto_commit": False, **options})


def admin(servers: Servers, *, request_timeout_ms: int = 30_000) -> Admin:
    """A client for topics and groups."""
    return AIOKafkaAdminClient(**cluster_of(servers).options(), request_timeout_ms=request_timeout_ms)
