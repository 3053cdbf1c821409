"""Kafka's own fence: whoever leads next is the same producer with a higher epoch, and brokers refuse the lower one.

`InitProducerId` under a transactional id gives every leader the same producer id and one epoch more. No transaction is
ever begun: records are plain ones of an idempotent producer, and cost nothing more (decisions/fail-over.md).
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from aiokafka.errors import KafkaError, ProducerClosed

from libs.kafka.clients import Producer, producer
from libs.kafka.cluster import Servers

CLAIM_S = 8.0
"""Shorter than a silent leader's session lasts: nobody claims who has lost the lock while waiting for a coordinator."""
ABANDON_S = 15.0
"""Longer than a request; after that whoever led stands by again, come what may."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What every record of a leader carries; brokers refuse an epoch below the newest that a partition has seen."""

    producer_id: int
    epoch: int


async def claim(servers: Servers, name: str) -> Claim:
    """Makes everybody who claimed this name before an old epoch. Raises `KafkaError`, `TimeoutError`."""
    claiming = producer(servers, transactional_id=name)
    try:
        async with asyncio.timeout(CLAIM_S):
            await claiming.start()
        given = claiming._txn_manager  # noqa: SLF001 - aiokafka tells it nowhere else
        return Claim(given.producer_id, given.producer_epoch)
    finally:
        with suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(CLAIM_S):
                await claiming.stop()


def under(kafka: Producer, held: Claim) -> Producer:
    """The producer, not started yet, writing under a claim instead of an id that it asks for itself."""
    kafka._txn_manager.set_pid_and_epoch(held.producer_id, held.epoch)  # noqa: SLF001 - as above
    return kafka


async def abandon(kafka: Producer) -> None:
    """Ends a producer without waiting for Kafka to take what was not acknowledged: that is the next leader's."""
    unsent = kafka._message_accumulator  # noqa: SLF001 - its own `stop` waits for ever while Kafka is away
    unsent.fail_all(ProducerClosed())
    with suppress(KafkaError, TimeoutError, KeyError):  # it looks for batches in its books that were taken out above
        async with asyncio.timeout(ABANDON_S):
            await kafka._sender.close()  # noqa: SLF001 - waits for the requests under way, which have a time-out
            unsent.fail_all(ProducerClosed())
            await kafka.stop()
