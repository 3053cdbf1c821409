"""An order ends the carts of whom and what it names; what it did not take lives on in the next one. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from uuid import UUID

from libs.contracts.events import Event, OrderPlaced
from services.cart.domain.cart import Cart, Change, Context, order_cart
from services.cart.domain.orders.commands import PlaceOrder
from services.cart.domain.orders.remainder import NextCart, divide, next_cart, units_taken


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where an order and a cart that it closed disagree. The order stands: whoever has bought has bought."""

    cart_id: UUID
    field: Literal["currency", "cart_version"]
    cart: str | int | None
    order: str | int


@dataclass(frozen=True, slots=True)
class Placed:
    """The carts that an order closes, those that follow them, and all that others are told of it, in order.

    `awaited` are units by sku that were bought and in none of the carts: they may be on their way.
    """

    closed: tuple[Change, ...]
    following: tuple[NextCart, ...]
    order: OrderPlaced
    mismatches: tuple[Mismatch, ...] = ()
    awaited: Mapping[str, int] = field(default_factory=dict)

    @property
    def events(self) -> tuple[Event, ...]:
        """Carts first: who hears of the order knows that they are closed."""
        return (*self.of_carts, self.order)

    @property
    def of_carts(self) -> tuple[Event, ...]:
        """What others are told of the carts."""
        following = [event for cart in self.following for event in cart.events]
        return (*(change.event for change in self.closed), *following)

    def bought(self) -> dict[str, int]:
        """Units by sku that were found in the carts."""
        return _bought(self.closed)

    @property
    def closed_ids(self) -> tuple[UUID, ...]:
        """The ids of the closed carts."""
        return tuple(change.cart.cart_id for change in self.closed)

    @property
    def next_ids(self) -> tuple[UUID, ...]:
        """The ids of the carts that hold what the order did not take."""
        return tuple(cart.cart.cart_id for cart in self.following)


def place(
    order: PlaceOrder, store_id: str, locked: Sequence[Cart], context: Context, merged: Cart | None = None
) -> Placed:
    """The order, with or without carts: buying what was never in a cart is normal.

    `merged` is the cart that the order names, as it was closed, where it has gone into one of those `locked`.
    """
    closed, following = list[Change](), list[NextCart]()
    for cart in locked:
        taken = units_taken(order, cart, merged)
        if (order.partial or order.placed_at is not None) and taken == {}:
            continue  # nothing of it was bought: it stays as it is, and so does its reminder
        change, taking_over = take_from_cart(cart, taken, order.order_id, context)
        closed.append(change)
        following += taking_over
    ids = [change.cart.cart_id for change in closed]
    cart_id = order.cart_id if order.cart_id in ids or not ids else ids[0]
    skus = [line.sku for line in order.lines] or [sku for change in closed for sku in change.cart.holds()]
    event = OrderPlaced(
        event_id=context.new_id(),
        occurred_at=context.now,
        order_id=order.order_id,
        store_id=store_id,
        customer_id=order.customer_id,
        cart_id=cart_id,
        currency=order.currency,
        total=order.total,
        skus=tuple(dict.fromkeys(skus)),
    )
    return Placed(tuple(closed), tuple(following), event, tuple(_mismatches(order, locked)), _awaited(order, closed))


def take_from_cart(
    cart: Cart, taken: Mapping[UUID, int] | None, order_id: str, context: Context
) -> tuple[Change, tuple[NextCart, ...]]:
    """A cart closed by an order that takes these units of its lines (None: all), and the next one, if any."""
    bought, left = divide(cart, taken)
    record = replace(cart, lines=bought, saved=(), currency=cart.currency if bought else None)
    following = next_cart(cart, left, context)
    return order_cart(record, order_id, context), (following,) if following else ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an order that was told before; None and nothing where that was not said."""

    customer_id: str | None
    currency: str | None
    total: int | None
    units: Mapping[str, int]


def at_odds(known: Known, order: PlaceOrder) -> str | None:
    """The field in which an order that is told again is another one, or None.

    Several systems tell of an order, and each knows something else of it: what both say must be the same.
    """
    both = (
        ("customer_id", known.customer_id, order.customer_id),
        ("currency", known.currency, order.currency),
        ("total", known.total, order.total),
        ("lines", known.units or None, order.units() or None),
    )
    return next((name for name, one, other in both if None not in (one, other) and one != other), None)


def _awaited(order: PlaceOrder, closed: Sequence[Change]) -> dict[str, int]:
    found = _bought(closed)
    return {sku: units - found.get(sku, 0) for sku, units in order.units().items() if units > found.get(sku, 0)}


def _bought(closed: Sequence[Change]) -> dict[str, int]:
    found = dict[str, int]()
    for change in closed:
        for sku, units in change.cart.holds().items():
            found[sku] = found.get(sku, 0) + units
    return found


def _mismatches(order: PlaceOrder, locked: Sequence[Cart]) -> list[Mismatch]:
    found = []
    for cart in locked:
        if order.currency is not None and cart.currency not in (None, order.currency):
            found.append(Mismatch(cart.cart_id, "currency", cart.currency, order.currency))
        if order.cart_id == cart.cart_id and order.cart_version is not None and order.cart_version > cart.version:
            found.append(Mismatch(cart.cart_id, "cart_version", cart.version, order.cart_version))
    return found
