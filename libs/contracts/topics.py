"""The topics of the stack: what they carry, how they are cut, how long they are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Topic:
    """A Kafka topic: its name without prefix, number of partitions, and broker-side settings."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def compacted(self) -> bool:
        """Whether a newer record takes the place of an older one under the same key."""
        return "compact" in self.config["cleanup.policy"]

    @property
    def forgets_after(self) -> timedelta | None:
        """How long a record stays at most; where records are only compacted, from its tombstone on, with which it goes.

        None: nobody says how soon. A segment goes as a whole, some time after it was closed.
        """
        ms = {name: int(value) for name, value in self.config.items() if name.endswith(".ms")}
        if "retention.ms" in ms:
            return timedelta(milliseconds=ms["retention.ms"] + ms["segment.ms"])
        if "max.compaction.lag.ms" in ms:
            return timedelta(milliseconds=2 * ms["max.compaction.lag.ms"] + ms["delete.retention.ms"])
        return None


def _kept(days: int, **more: str) -> Mapping[str, str]:
    config = {"cleanup.policy": "delete", "retention.ms": str(days * DAY_MS), "segment.ms": str(DAY_MS)}
    return MappingProxyType(config | {name.replace("_", "."): value for name, value in more.items()})


_COMPACTED = MappingProxyType({"cleanup.policy": "compact"})
# An erased profile is gone a day after its tombstone, as soon as its partition is written to again. The tombstone stays
# a week for readers that are behind.
_PERSONAL = MappingProxyType(
    {
        "cleanup.policy": "compact",
        "max.compaction.lag.ms": str(DAY_MS),
        "segment.ms": str(DAY_MS),
        "delete.retention.ms": str(7 * DAY_MS),
    }
)
# A reader that was away for less than a week learns of every store that was closed meanwhile.
_DESCRIBED = MappingProxyType({"cleanup.policy": "compact", "delete.retention.ms": str(7 * DAY_MS)})
DEAD_LETTER_DAYS = 14
"""Long enough for somebody to look; the longest that a record stays that a tombstone can't reach."""

# One record that is written several times a second: a week of its predecessors would be a gigabyte.
_REWRITTEN = MappingProxyType(
    {
        "cleanup.policy": "compact",
        "segment.bytes": str(16 * 2**20),
        "min.cleanable.dirty.ratio": "0.1",
        "message.timestamp.type": "LogAppendTime",
    }
)

# The brokers' clock bounds how far the trigger takes a partition as read: not that of whoever publishes.
CART_EVENTS = Topic("cart.events", 12, _kept(30, message_timestamp_type="LogAppendTime"))
CART_HORIZON = Topic("cart.horizon", 1, _REWRITTEN)
INVENTORY_LEVELS = Topic("inventory.levels", 6, _COMPACTED)
PRICE_LEVELS = Topic("price.levels", 6, _COMPACTED)
INVENTORY_CROSSINGS = Topic("inventory.crossings", 6, _kept(30))
CUSTOMER_PROFILES = Topic("customer.profiles", 6, _PERSONAL)
CUSTOMER_REACH = Topic("customer.reach", 6, _PERSONAL)
# An answer is of no use to anybody once the cart has written it down.
CUSTOMER_CONSENTS = Topic("customer.consents", 6, _kept(7))
# A request names the customer until every service has answered; a service that was away for longer is asked again.
CUSTOMER_ERASURES = Topic(
    "customer.erasures", 1, _kept(7, cleanup_policy="compact,delete", max_compaction_lag_ms=str(DAY_MS))
)
STORES = Topic("stores", 1, _DESCRIBED)
CAMPAIGN_ASSETS = Topic("campaign.assets", 1, _COMPACTED)
REMINDER_REQUESTS = Topic("reminder.requests", 6, _kept(14))
# Every decision, also not to send, for those who count.
REMINDER_DECISIONS = Topic("reminder.decisions", 6, _kept(30))
MESSAGE_EVENTS = Topic("message.events", 6, _kept(30))
ORDERS_FEED = Topic("orders.feed", 6, _kept(14))
INVENTORY_FEED = Topic("inventory.feed", 6, _kept(14))


def dlq(topic: str) -> str:
    """The dead-letter topic that belongs to a topic."""
    return f"{topic}.dlq"


def _dead(topic: Topic) -> Topic:
    """Those of people are compacted as well, so that a tombstone removes them; only the newest of each then stays."""
    named = topic in (CUSTOMER_PROFILES, CUSTOMER_ERASURES)
    compacted = {"cleanup_policy": "compact,delete", "max_compaction_lag_ms": str(DAY_MS)}
    return Topic(dlq(topic.name), 1, _kept(DEAD_LETTER_DAYS, **(compacted if named else {})))


LIVE = (
    *(CART_EVENTS, CART_HORIZON, INVENTORY_LEVELS, INVENTORY_CROSSINGS, CUSTOMER_PROFILES, CUSTOMER_ERASURES),
    *(STORES, REMINDER_REQUESTS, REMINDER_DECISIONS, MESSAGE_EVENTS, CUSTOMER_REACH, PRICE_LEVELS),
    *(CUSTOMER_CONSENTS, CAMPAIGN_ASSETS),
)
FEEDS = (ORDERS_FEED, INVENTORY_FEED)
"""Written by the shop's own systems, as plain JSON: no events of ours."""
TOPICS = LIVE + FEEDS + tuple(_dead(t) for t in LIVE + FEEDS)

_BY_NAME = {topic.name: topic for topic in TOPICS}


def named(name: str) -> Topic:
    """The topic of that name (without prefix). Raises `KeyError`."""
    return _BY_NAME[name]
