"""The last look judged: does what the reminder says still hold? Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.notifier.domain.reminder import Reminder

CEILING_WITHOUT_THRESHOLD = 8
"""A low-stock reminder that names no threshold holds up to here: the design's threshold of 5 and its re-arm of 3."""


class LookLine(BaseModel):
    """A line of the cart; `price` and `total` in minor units."""

    model_config = ConfigDict(frozen=True)

    sku: str
    title: str
    options: Mapping[str, str] = Field(default_factory=dict)
    price: int
    quantity: int
    total: int
    image_url: str | None = None
    url: str | None = None


class LookCart(BaseModel):
    """The cart as it is now."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    store_id: str
    customer_id: str | None
    status: Literal["active", "ordered", "merged", "expired"]
    version: int
    currency: str | None
    lines: tuple[LookLine, ...]
    units: int
    total: int


class CartSnapshot(BaseModel):
    """The cart service's answer: the cart, the level of each of its skus (None: not tracked), the way back to it."""

    model_config = ConfigDict(frozen=True)

    cart: LookCart
    inventory: Mapping[str, int | None]
    recovery_url: str
    as_of: datetime


def why_not(reminder: Reminder, look: CartSnapshot | None) -> str | None:
    """Why the reminder must not be sent any more, or None. `look` is None where the cart is not known."""
    if look is None:
        return "cart_gone"
    cart = look.cart
    if cart.id != reminder.cart_id or cart.store_id != reminder.store_id or cart.customer_id != reminder.customer_id:
        return "cart_gone"
    if cart.status != "active":
        return {"ordered": "ordered", "merged": "cart_changed", "expired": "cart_gone"}[cart.status]
    if cart.units == 0 or not cart.lines:
        return "emptied"
    return _stock_told(reminder, look) if reminder.kind == "low_stock" else _unchanged(reminder, cart)


def _unchanged(reminder: Reminder, cart: LookCart) -> str | None:
    return None if cart.version == reminder.cart_version else "cart_changed"


def _stock_told(reminder: Reminder, look: CartSnapshot) -> str | None:
    if all(line.sku != reminder.sku for line in look.cart.lines):
        return "not_in_cart"
    level = look.inventory.get(reminder.sku or "")
    if level is None:
        return "level_unknown"
    if level <= 0:
        return "sold_out"
    ceiling = CEILING_WITHOUT_THRESHOLD if reminder.threshold is None else reminder.threshold
    return "restocked" if level > ceiling else None
