"""One crossing's way through the holders of its item. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FanOut:
    """A crossing whose holders are being told: how many may still be, and the place up to which they were read.

    `rearmed` says that the item is armed for the next crossing already; `now` is the database's clock.
    """

    crossing_id: UUID
    store_id: str
    campaign: str
    sku: str
    level: int
    level_version: int
    occurred_at: datetime
    remaining: int
    threshold: int | None
    cursor_touched_at: datetime
    cursor_cart_id: UUID
    rearmed: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """A customer whose open cart holds the item."""

    cart_id: UUID
    customer_id: str
    touched_at: datetime
    cart_version: int
