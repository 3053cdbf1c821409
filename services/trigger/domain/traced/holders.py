"""Who holds which item while recorded events pass by, as the table `holdings` has it live. Pure."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from libs.contracts.events import CartEvent
from services.trigger.domain.batch import Held, held_since
from services.trigger.domain.carts import CartState


class HeldCart(NamedTuple):
    """An open cart of somebody who can be told, and what it holds; the rest as `CartState` has it."""

    store_id: str
    customer_id: str
    cart_id: UUID
    goods_version: int
    currency: str | None
    total: int
    origin: str | None
    held: Mapping[str, Held]


class TracedHolders:
    """Open carts and what they hold. Guests of whom nothing is known are left out, and carts that are not `is_held`."""

    def __init__(self) -> None:
        self._carts: dict[UUID, HeldCart] = {}
        self._by_item: dict[tuple[str, str], dict[UUID, None]] = {}

    def cart_changed(self, after: CartState, event: CartEvent, is_held: Callable[[str | None], bool]) -> None:
        """Takes in what an event leaves in a cart."""
        before = self._carts.pop(after.cart_id, None)
        known: Mapping[str, Held] = (
            before.held if before is not None and before.customer_id == after.customer_id else {}
        )
        held: Mapping[str, Held] = {}
        if after.customer_id is not None and not after.closed and (after.origin is None or is_held(after.origin)):
            held = held_since(known, event)
            self._carts[after.cart_id] = HeldCart(
                store_id=after.store_id,
                customer_id=after.customer_id,
                cart_id=after.cart_id,
                goods_version=after.goods_version,
                currency=after.currency,
                total=after.total,
                origin=after.origin,
                held=held,
            )
        for sku in before.held.keys() - held.keys() if before is not None else ():
            carts = self._by_item[after.store_id, sku]
            del carts[after.cart_id]
            if not carts:
                del self._by_item[after.store_id, sku]
        for sku in held:
            self._by_item.setdefault((after.store_id, sku), {})[after.cart_id] = None

    def of(self, store_id: str, sku: str, since: datetime) -> Iterator[tuple[datetime, HeldCart]]:
        """The carts that hold an item since a moment or later, each with when that last changed; in no order."""
        for cart_id in self._by_item.get((store_id, sku), ()):
            cart = self._carts[cart_id]
            touched_at = cart.held[sku].since
            if touched_at >= since:
                yield touched_at, cart
