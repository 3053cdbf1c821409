"""The topics of the stack: what they carry, how they are cut, how long they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Topic:
    """A Kafka topic: its name without prefix, number of partitions, and broker-side settings."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def _kept(days: int) -> Mapping[str, str]:
    return MappingProxyType({"cleanup.policy": "delete", "retention.ms": str(days * DAY_MS)})


_COMPACTED = MappingProxyType({"cleanup.policy": "compact"})

CART_EVENTS = Topic("cart.events", 12, _kept(30))
INVENTORY_LEVELS = Topic("inventory.levels", 6, _COMPACTED)
CUSTOMER_PROFILES = Topic("customer.profiles", 6, _COMPACTED)
REMINDER_REQUESTS = Topic("reminder.requests", 6, _kept(14))
MESSAGE_EVENTS = Topic("message.events", 6, _kept(30))
ORDERS_FEED = Topic("orders.feed", 6, _kept(14))
INVENTORY_FEED = Topic("inventory.feed", 6, _kept(14))


def dlq(topic: str) -> str:
    """The dead-letter topic that belongs to a topic."""
    return f"{topic}.dlq"


LIVE = (CART_EVENTS, INVENTORY_LEVELS, CUSTOMER_PROFILES, REMINDER_REQUESTS, MESSAGE_EVENTS)
FEEDS = (ORDERS_FEED, INVENTORY_FEED)
"""Written by the shop's own systems, as plain JSON: no events of ours."""
TOPICS = LIVE + FEEDS + tuple(Topic(dlq(t.name), 1, _kept(30)) for t in LIVE + FEEDS)
