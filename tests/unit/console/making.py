"""Events as the other services tell them, in few words."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from libs.contracts import events as e

NAMES = UUID("5f0c2b5e-7f0b-5c1d-9a50-000000000001")
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
"""A Monday; what tests tell hangs on it."""


def at(**after: float) -> datetime:
    """So long after noon, in the words of timedelta."""
    return NOON + timedelta(**after)


def named(name: str) -> UUID:
    """The same id for the same name."""
    return uuid5(NAMES, name)


def decided(name: str, when: datetime, **more: Any) -> e.ReminderDecided:
    """A decision on the reminder `name`, to ask for it unless `more` says otherwise."""
    said = {
        "event_id": named(name),
        "occurred_at": when,
        "reminder_id": named(name),
        "store_id": "shop",
        "customer_id": "anna",
        "campaign": "cart",
        "kind": "abandoned_cart",
        "step": 1,
        "channel": "email",
        "outcome": "would_send",
        "reason": "idle",
        "cart_id": named("cart of anna"),
        "cart_version": 1,
        "due_at": when,
        "decided_at": when,
    }
    return e.ReminderDecided.model_validate(said | more)


def message(kind: type[e.MessageEvent], name: str, when: datetime, /, **more: Any) -> e.MessageEvent:
    """Something that was heard of the message of the reminder `name`."""
    said = {
        "event_id": uuid4(),
        "occurred_at": when,
        "reminder_id": named(name),
        "store_id": "shop",
        "customer_id": "anna",
        "campaign": "cart",
        "kind": "abandoned_cart",
        "step": 1,
        "channel": "email",
        "cart_id": named("cart of anna"),
    }
    return kind.model_validate(said | more)


def sent(name: str, when: datetime, **more: Any) -> e.MessageEvent:
    """The provider has taken it."""
    return message(e.MessageSent, name, when, **more)


def clicked(name: str, when: datetime, **more: Any) -> e.MessageEvent:
    """Its link was followed."""
    return message(e.MessageClicked, name, when, **more)


def placed(order_id: str, when: datetime, **more: Any) -> e.OrderPlaced:
    """An order of 20 EUR."""
    said = {
        "event_id": uuid4(),
        "occurred_at": when,
        "order_id": order_id,
        "store_id": "shop",
        "customer_id": "anna",
        "currency": "EUR",
        "total": 2000,
        "placed_at": when,
    }
    return e.OrderPlaced.model_validate(said | more)


def returned(order_id: str, when: datetime, **more: Any) -> e.OrderReturned:
    """All of it has come back."""
    said = {
        "event_id": uuid4(),
        "occurred_at": when,
        "order_id": order_id,
        "store_id": "shop",
        "customer_id": "anna",
        "happened_at": when,
        "status": "returned",
        "currency": "EUR",
        "total": 0,
    }
    return e.OrderReturned.model_validate(said | more)


def cart(name: str, version: int, when: datetime, **more: Any) -> e.CartEvent:
    """A cart with two units for 25 EUR after its `version`-th change."""
    said = {
        "event_id": uuid4(),
        "occurred_at": when,
        "cart_id": named(f"cart of {name}"),
        "store_id": "shop",
        "customer_id": name,
        "cart_version": version,
        "goods_version": version,
        "currency": "EUR",
        "total": 2500,
        "units": 2,
        "line_id": named("line"),
        "sku": "tea-100",
        "added": 1,
        "quantity": 2,
    }
    return e.LineAdded.model_validate(said | more)


def store(**more: Any) -> e.StoreDescribed:
    """The shop, in UTC, which counts in EUR."""
    said = {
        "event_id": uuid4(),
        "occurred_at": at(days=-30),
        "store_id": "shop",
        "store_version": 1,
        "name": "The shop",
        "currency": "EUR",
    }
    return e.StoreDescribed.model_validate(said | more)
