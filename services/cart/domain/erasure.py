"""A customer who is to be forgotten: whose data it is, what others are told, what a receipt says. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from libs.contracts.events import CartErased, ErasureRequested, Place
from libs.contracts.topics import (
    CART_EVENTS,
    CUSTOMER_CONSENTS,
    CUSTOMER_ERASURES,
    CUSTOMER_PROFILES,
    ORDERS_FEED,
    dlq,
    named,
)
from services.cart.domain.cart import Context

SERVICE = "cart"
OTHERS = frozenset({"trigger", "notifier", "console"})
"""The services that have to answer before an erasure is done."""
ASK_AGAIN = timedelta(days=1)
"""Long before Kafka forgets the request."""

DELETED = (
    "carts",
    "consents",
    "guest_recipients",
    "identities",
    "idempotency_keys",
    "merges",
    "notice_acks",
    "profiles",
    "reservations",
    "views",
    "watches",
)
ANONYMISED = ("orders", "order_events")


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure that is under way: every name of the customer, and up to when what happened is theirs."""

    erasure_id: UUID
    store_id: str
    customer_ids: tuple[str, ...]
    profile_version: int
    erased_until: datetime

    def request(self, event_id: UUID) -> ErasureRequested:
        """What the other services are asked."""
        return ErasureRequested(
            event_id=event_id,
            occurred_at=self.erased_until,
            erasure_id=self.erasure_id,
            store_id=self.store_id,
            customer_ids=self.customer_ids,
            profile_version=self.profile_version,
        )


@dataclass(frozen=True, slots=True)
class Closing:
    """A cart that was active when its customer was erased."""

    cart_id: UUID
    version: int

    def event(self, store_id: str, context: Context) -> CartErased:
        """That nothing is held any more, by nobody in particular."""
        return CartErased(
            event_id=context.new_id(),
            occurred_at=context.now,
            cart_id=self.cart_id,
            store_id=store_id,
            cart_version=self.version + 1,
        )


def tables(counts: Mapping[str, int]) -> list[Place]:
    """What was done in this service's tables, also in those where nothing was."""
    deleted = [Place(place=f"table {name}", done="deleted", rows=counts.get(name, 0)) for name in DELETED]
    return [
        *deleted,
        *(Place(place=f"table {name}", done="anonymised", rows=counts.get(name, 0)) for name in ANONYMISED),
    ]


def topics(now: datetime) -> list[Place]:
    """What this service has written to Kafka, or the shop for it, and how long it stays there at most."""
    feeds = (ORDERS_FEED, named(dlq(ORDERS_FEED.name)), named(dlq(CUSTOMER_CONSENTS.name)))
    expiring = [Place.topic(topic, "expires", now) for topic in (CART_EVENTS, *feeds)]
    return [*expiring, Place.topic(CUSTOMER_PROFILES, "tombstoned", now)]


def request_topics(now: datetime) -> list[Place]:
    """The request itself, once every service has answered."""
    return [Place.topic(topic, "tombstoned", now) for topic in (CUSTOMER_ERASURES, named(dlq(CUSTOMER_ERASURES.name)))]


def missing(answered: Iterable[str]) -> Sequence[str]:
    """The services that have not answered yet."""
    return sorted(OTHERS - set(answered))
