"""What of a cart an order did not take: it lives on in the next cart. Pure.

An order takes what it names by line id; or the cart as it was at the version from which it was priced; or, where it
says neither, all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from libs.contracts.events import CartDetailsSet, CartEvent, LineAdded
from services.cart.cart import Cart, Line, Moment, advanced, told
from services.cart.commands import PlaceOrder


@dataclass(frozen=True, slots=True)
class NextCart:
    """The cart that takes over from `follows`, of the same owner, and all that others are told of it, in order."""

    cart: Cart
    follows: UUID
    events: tuple[CartEvent, ...]


def quantity_at(line: Line, version: int) -> int:
    """Units that the line held when its cart was at `version`; 0 where it came later.

    A line remembers its latest changes of quantity; what happened before those counts as the oldest that it remembers.
    """
    return next((before for changed_in, before in line.history if changed_in > version), line.quantity)


def settled(order: PlaceOrder, cart: Cart, merged: Cart | None = None) -> dict[UUID, int] | None:
    """Units by line id that the order takes out of a cart; None where it takes everything.

    `merged` is the cart that the order names where that one has gone into `cart` since.
    """
    if named := order.named_lines():
        return named
    if order.cart_version is None or order.cart_id not in (cart.cart_id, merged and merged.cart_id):
        return None
    priced = merged if merged is not None and order.cart_id == merged.cart_id else cart
    return {line.line_id: quantity_at(line, order.cart_version) for line in priced.lines}


def divide(cart: Cart, taken: dict[UUID, int] | None) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The lines that were bought and those that live on; each unit is in one of the two."""
    if taken is None:
        return cart.lines, ()
    bought, left = [], []
    for line in cart.lines:
        units = min(line.quantity, taken.get(line.line_id, 0))
        if units == line.quantity:
            bought.append(line)
            continue
        if units:
            bought.append(line.holding(units, line.updated_at))
        left.append(line.holding(line.quantity - units, line.updated_at) if units else line)
    return tuple(bought), tuple(left)


def next_cart(cart: Cart, left: Sequence[Line], moment: Moment) -> NextCart | None:
    """The cart that holds what is left, and what is saved for later; None where nothing is.

    Others are told line by line, as if each had been added to a new cart: that is what it is to them.
    """
    if not left and not cart.saved:
        return None
    following = Cart(moment.new_id(), cart.store_id, cart.customer_id, moment.now, moment.now, saved=cart.saved)
    if not left:
        following = advanced(following, moment)
        return NextCart(following, cart.cart_id, (told(CartDetailsSet, following, moment),))
    events: list[CartEvent] = []
    for line in left:
        following = advanced(following, moment, lines=(*following.lines, line), currency=cart.currency)
        facts = {"line_id": line.line_id, "sku": line.sku, "added": line.quantity, "quantity": line.quantity}
        events.append(told(LineAdded, following, replace(moment, device=line.device), **facts))
    return NextCart(following, cart.cart_id, tuple(events))
