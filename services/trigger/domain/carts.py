"""A cart as its newest event tells it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.contracts.events import CartEvent, CartOrdered


@dataclass(frozen=True, slots=True)
class CartState:
    """A cart as the newest event tells it: all that a decision needs.

    `quiet_since` is when that event occurred. What was due before `decided_until` has been decided. `total` is in minor
    units of `currency`.
    """

    cart_id: UUID
    store_id: str
    customer_id: str | None
    version: int
    quiet_since: datetime
    units: int
    total: int
    currency: str | None
    closed: bool
    decided_until: datetime

    @property
    def idle(self) -> bool:
        """Whether there is anything to remind of."""
        return not self.closed and self.units > 0


def apply(state: CartState | None, event: CartEvent) -> CartState:
    """The cart after an event; the very same object when the event is older than what is known, or the cart closed."""
    if state is not None and (state.closed or event.cart_version <= state.version):
        return state
    return CartState(
        cart_id=event.cart_id,
        store_id=event.store_id,
        customer_id=event.customer_id or None,
        version=event.cart_version,
        quiet_since=event.occurred_at,
        units=sum(event.holds.values()),
        total=event.total,
        currency=event.currency,
        closed=event.closes,
        decided_until=event.occurred_at,
    )


def why_voided(event: CartEvent) -> str:
    """What an event does to the episode before it, as a reason."""
    if event.closes:
        return "ordered" if isinstance(event, CartOrdered) else "cart_gone"
    return "cart_changed" if event.holds else "emptied"
