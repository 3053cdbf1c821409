"""An order ends every cart that was brought to it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from libs.contracts.events import Event, OrderPlaced
from services.cart.cart import Cart, Change, Moment, ordered
from services.cart.commands import PlaceOrder


@dataclass(frozen=True, slots=True)
class Placed:
    """The carts that an order closes, and all that others are told of it, in order."""

    closed: tuple[Change, ...]
    order: OrderPlaced

    @property
    def events(self) -> tuple[Event, ...]:
        """Carts first: who hears of the order knows that they are closed."""
        return (*(change.event for change in self.closed), self.order)

    @property
    def closed_ids(self) -> tuple[UUID, ...]:
        """The ids of the closed carts."""
        return tuple(change.cart.cart_id for change in self.closed)


def place(order: PlaceOrder, store_id: str, brought: Sequence[Cart], moment: Moment) -> Placed:
    """The order, with or without carts: buying what was never in a cart is normal."""
    closed = tuple(ordered(cart, order.order_id, moment) for cart in brought)
    ids = [cart.cart_id for cart in brought]
    cart_id = order.cart_id if order.cart_id in ids or not ids else ids[0]
    skus = [line.sku for line in order.lines] or [sku for cart in brought for sku in cart.holds()]
    told = OrderPlaced(
        event_id=moment.new_id(),
        occurred_at=moment.now,
        order_id=order.order_id,
        store_id=store_id,
        customer_id=order.customer_id,
        cart_id=cart_id,
        currency=order.currency,
        total=order.total,
        skus=tuple(dict.fromkeys(skus)),
    )
    return Placed(closed, told)
