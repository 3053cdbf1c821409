"""Carts as the newest event of each tells them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from libs.contracts.events import CartEvent, CartMergedAway


@dataclass(frozen=True, slots=True)
class CartState:
    """A cart after its `version`-th change; `changed_at` is when its goods became what they are."""

    cart_id: UUID
    store_id: str
    customer_id: str | None
    version: int
    goods_version: int
    changed_at: datetime
    units: int
    total: int
    currency: str | None
    closed_by: str | None
    into_cart_id: UUID | None


def state(event: CartEvent) -> CartState:
    """What one event says."""
    return CartState(
        event.cart_id,
        event.store_id,
        event.recipient,
        event.cart_version,
        goods_version=event.goods,
        changed_at=event.occurred_at,
        units=event.units,
        total=event.total,
        currency=event.currency,
        closed_by=event.type.removeprefix("cart.") if event.closes else None,
        into_cart_id=event.into_cart_id if isinstance(event, CartMergedAway) else None,
    )


def together(one: CartState, other: CartState) -> CartState:
    """What both say: the newest, with the first time at which its goods were told to be what they are."""
    newest = max((one, other), key=lambda cart: (cart.version, cart.closed_by or ""))
    goods = max(one.goods_version, other.goods_version)
    changed = min(cart.changed_at for cart in (one, other) if cart.goods_version == goods)
    return replace(newest, goods_version=goods, changed_at=changed)


def by_cart(events: Iterable[CartEvent]) -> dict[UUID, CartState]:
    """What the events say of each cart."""
    found: dict[UUID, CartState] = {}
    for event in events:
        said = state(event)
        known = found.get(event.cart_id)
        found[event.cart_id] = said if known is None else together(known, said)
    return found
