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
INVENTORY_CROSSINGS = Topic("inventory.crossings", 6, _kept(30))
CUSTOMER_PROFILES = Topic("customer.profiles", 6, _COMPACTED)
REMINDER_REQUESTS = Topic("reminder.requests", 6, _kept(14))
MESSAGE_EVENTS = Topic("message.events", 6, _kept(30))


def dlq(topic: str) -> str:
    """The dead-letter topic that belongs to a topic."""
    return f"{topic}.dlq"


LIVE = (CART_EVENTS, INVENTORY_LEVELS, INVENTORY_CROSSINGS, CUSTOMER_PROFILES, REMINDER_REQUESTS, MESSAGE_EVENTS)
TOPICS = LIVE + tuple(Topic(dlq(t.name), 1, _kept(30)) for t in LIVE)
