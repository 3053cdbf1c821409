"""How much of a feed nobody has handled yet is known to Kafka alone: in its outage there is no figure."""

from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError
from prometheus_client import REGISTRY

from services.cart.feeds.consumer import Feeds

TOPIC = "shop.orders"


class Kafka:
    """An inbox that knows this much; None is an outage."""

    def __init__(self) -> None:
        self.unread_records: int | None = 7

    async def unread(self, _topic: str) -> dict[int, int]:
        if self.unread_records is None:
            raise KafkaConnectionError
        return {0: self.unread_records, 1: 1}


def told() -> float | None:
    return REGISTRY.get_sample_value("evercart_cart_feed_unread_records", {"feed": TOPIC})


async def test_in_an_outage_the_last_figure_does_not_stay() -> None:
    """Story: Kafka was away for an hour, and the panel said that eight records were left, as it had before."""
    feeds: Any = Feeds.__new__(Feeds)
    feeds._feeds, feeds._inbox = {TOPIC: None}, Kafka()
    await feeds._measure()
    assert told() == 8
    feeds._inbox.unread_records = None
    with pytest.raises(KafkaConnectionError):
        await feeds._measure()
    assert told() is None
    feeds._inbox.unread_records = 2
    await feeds._measure()
    assert told() == 3
