"""An order ends every cart that was brought to it; what it did not take lives on in the next one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from libs.contracts.events import Event, OrderPlaced
from services.cart.cart import Cart, Change, Moment, ordered
from services.cart.commands import PlaceOrder
from services.cart.remainder import NextCart, divide, next_cart, settled


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where an order and a cart that it closed disagree. The order stands: whoever has bought has bought."""

    cart_id: UUID
    field: Literal["currency", "cart_version"]
    cart: str | int | None
    order: str | int


@dataclass(frozen=True, slots=True)
class Placed:
    """The carts that an order closes, those that follow them, and all that others are told of it, in order."""

    closed: tuple[Change, ...]
    following: tuple[NextCart, ...]
    order: OrderPlaced
    mismatches: tuple[Mismatch, ...] = ()

    @property
    def events(self) -> tuple[Event, ...]:
        """Carts first: who hears of the order knows that they are closed."""
        following = [event for cart in self.following for event in cart.events]
        return (*(change.event for change in self.closed), *following, self.order)

    @property
    def closed_ids(self) -> tuple[UUID, ...]:
        """The ids of the closed carts."""
        return tuple(change.cart.cart_id for change in self.closed)

    @property
    def next_ids(self) -> tuple[UUID, ...]:
        """The ids of the carts that hold what the order did not take."""
        return tuple(cart.cart.cart_id for cart in self.following)


def place(
    order: PlaceOrder, store_id: str, brought: Sequence[Cart], moment: Moment, merged: Cart | None = None
) -> Placed:
    """The order, with or without carts: buying what was never in a cart is normal.

    `merged` is the cart that the order names, as it was closed, where that one has gone into one of those brought.
    """
    closed, following = [], []
    for cart in brought:
        bought, left = divide(cart, settled(order, cart, merged))
        record = replace(cart, lines=bought, saved=(), currency=cart.currency if bought else None)
        closed.append(ordered(record, order.order_id, moment))
        if (taking_over := next_cart(cart, left, moment)) is not None:
            following.append(taking_over)
    ids = [cart.cart_id for cart in brought]
    cart_id = order.cart_id if order.cart_id in ids or not ids else ids[0]
    skus = [line.sku for line in order.lines] or [sku for change in closed for sku in change.cart.holds()]
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
    return Placed(tuple(closed), tuple(following), told, tuple(_mismatches(order, brought)))


def _mismatches(order: PlaceOrder, brought: Sequence[Cart]) -> list[Mismatch]:
    found = []
    for cart in brought:
        if order.currency is not None and cart.currency not in (None, order.currency):
            found.append(Mismatch(cart.cart_id, "currency", cart.currency, order.currency))
        if order.cart_id == cart.cart_id and order.cart_version is not None and order.cart_version > cart.version:
            found.append(Mismatch(cart.cart_id, "cart_version", cart.version, order.cart_version))
    return found
