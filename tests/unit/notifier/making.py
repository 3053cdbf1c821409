"""Reminders, contacts and looks for tests that need no database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from libs.contracts.events import LowItem
from services.notifier.domain.reminder import Contact, RecipientState, Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotCart, SnapshotLine, SnapshotRecipient
from services.notifier.domain.store import Store

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
CART = UUID("01940000-0000-7000-8000-000000000001")


def reminder(**known: Any) -> Reminder:
    values: dict[str, Any] = {
        "reminder_id": UUID("01940000-0000-7000-8000-00000000000a"),
        "store_id": "demo",
        "customer_id": "anna",
        "campaign": "abandoned_cart",
        "kind": "abandoned_cart",
        "step": 1,
        "channel": "email",
        "template": "abandoned_cart_1",
        "cart_id": CART,
        "cart_version": 3,
        "sku": None,
        "threshold": None,
        "quiet_since": None,
        "due_at": NOON,
        "expires_at": NOON + timedelta(hours=6),
        "variant": None,
        "coupon": None,
        "state": "pending",
        "reason": None,
        "failures": 0,
        "received_at": NOON,
        "lease_token": UUID(int=1),
        "copies": 1 if known.get("state") == "sending" else 0,
    }
    return Reminder(**(values | known))


def low_stock(**known: Any) -> Reminder:
    return reminder(
        **({"kind": "low_stock", "template": "low_stock", "channel": "sms", "sku": "mug", "threshold": 5} | known)
    )


def contact(**known: Any) -> Contact:
    values: dict[str, Any] = {
        "version": 1,
        "email": "anna@mail.example",
        "phone": "+4915112345678",
        "name": "Anna",
        "locale": "en",
        "timezone": None,
        "email_consent": True,
        "sms_consent": True,
    }
    return Contact(**(values | known))


def recipient(**known: Any) -> RecipientState:
    return RecipientState(**({"contact": contact()} | known))


def line(sku: str = "mug", **known: Any) -> SnapshotLine:
    values: dict[str, Any] = {"sku": sku, "title": "Stoneware mug", "price": 2450, "quantity": 2, "total": 4900}
    return SnapshotLine(**(values | known))


YES = {"email": True, "sms": True}
WILLING = SnapshotRecipient(profile_version=1, reach=YES, consent=YES)


def snapshot(
    *lines: SnapshotLine,
    inventory: dict[str, int | None] | None = None,
    recipient: SnapshotRecipient | None = WILLING,
    **known: Any,
) -> CartSnapshot:
    lines = lines or (line(),)
    values: dict[str, Any] = {
        "id": CART,
        "store_id": "demo",
        "customer_id": "anna",
        "status": "active",
        "version": 3,
        "currency": "EUR",
        "lines": lines,
        "units": sum(one.quantity for one in lines),
        "total": sum(one.total for one in lines),
    }
    levels = {"mug": 3} if inventory is None else inventory
    cart = SnapshotCart(**(values | known))
    return CartSnapshot(
        cart=cart, inventory=levels, recipient=recipient, recovery_url="https://shop.example/r/r1_token", as_of=NOON
    )


def price_drop(**known: Any) -> Reminder:
    """Of a mug that costs 8.00 now."""
    said = {"kind": "price_drop", "template": "price_drop", "channel": "sms", "sku": "mug", "price": 800}
    return reminder(**(said | known))


def back_in_stock(**known: Any) -> Reminder:
    """Of a mug that is there again."""
    return reminder(**({"kind": "back_in_stock", "template": "back_in_stock", "channel": "sms", "sku": "mug"} | known))


def cheaper(**told: int) -> CartSnapshot:
    """A cart of a jug and a mug that were 10.00 each when they came in; what the store tells of each now, else 8.00."""
    ids = {"jug": UUID(int=1), "mug": UUID(int=2)}
    titles = {"jug": "Jug", "mug": "Stoneware mug"}
    lines = [
        line(sku, title=titles[sku], price=1000, total=1000).model_copy(update={"line_id": i}) for sku, i in ids.items()
    ]
    prices = {ids[sku]: price for sku, price in ({"mug": 800} | told).items()}
    return snapshot(*lines).model_copy(update={"prices": prices})


THREE = (LowItem(sku="jug", threshold=5), LowItem(sku="pot", threshold=5))
"""What runs low with the mug."""


def three_low(**levels: int | None) -> CartSnapshot:
    """A cart of a mug, a jug, a pot and a lid, the first three of which run low."""
    lines = [line(sku, title=title) for sku, title in (("lid", "Lid"), ("pot", "Pot"), ("jug", "Jug"))]
    known: dict[str, int | None] = {"mug": 3, "jug": 1, "pot": 2, "lid": 40}
    return snapshot(*lines, line(), inventory=known | levels)


def store(**known: Any) -> Store:
    values: dict[str, Any] = {
        "name": "Nordwind",
        "email_from": "hello@nordwind.example",
        "sms_from": "+15005550006",
    }
    return Store(**(values | known))
