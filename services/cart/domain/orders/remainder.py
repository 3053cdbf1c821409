"""What of a cart an order did not take: it lives on in the next cart. Pure.

An order takes what it names by line id, or by sku where it says that it is partial; or the cart as it was at the
version from which it was priced; or as it was when the order was placed; or, where it says none of it, all of the cart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.contracts.events import CartDetailsSet, CartEvent, LineAdded
from services.cart.domain.cart import Cart, Context, Line, event, next_version
from services.cart.domain.orders.commands import PlaceOrder

CLOCKS_APART = timedelta(minutes=2)
"""As far as the clock of a shop's system may be behind ours: within it, what an order names was there before it."""


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


def quantity_when(line: Line, at: datetime) -> int:
    """Units that the line held at a moment; 0 where it came later."""
    if line.added_at > at:
        return 0
    # a release that kept no times has left its latest change, if any, at `updated_at`
    times = line.changed_at or (_ms(line.updated_at),) * (len(line.history) > 1)
    changes = zip(reversed(times), reversed(line.history), strict=False)
    later = [before for changed_at, (_, before) in changes if changed_at > _ms(at)]
    return later[-1] if later else line.quantity


def units_taken(order: PlaceOrder, cart: Cart, merged: Cart | None = None) -> dict[UUID, int] | None:
    """Units by line id that the order takes out of a cart; None where it takes everything.

    `merged` is the cart that the order names where that one has gone into `cart` since.
    """
    if named := order.named_lines():
        return named
    if order.partial:
        return _by_sku(order, cart.lines)
    if order.cart_version is not None and order.cart_id in (cart.cart_id, merged and merged.cart_id):
        priced = merged if merged is not None and order.cart_id == merged.cart_id else cart
        return {line.line_id: quantity_at(line, order.cart_version) for line in priced.lines}
    return None if order.placed_at is None else _by_time(order, order.placed_at, cart.lines)


def bought_before(units: Mapping[str, int], placed_at: datetime, lines: Sequence[Line]) -> dict[UUID, int]:
    """Units by line id of what was bought at a moment and stood there by then, as far as clocks agree."""
    left, taken = dict(units), dict[UUID, int]()
    for line in lines:
        held = min(line.quantity, quantity_when(line, placed_at + CLOCKS_APART))
        if found := min(held, left.get(line.sku, 0)):
            taken[line.line_id] = found
            left[line.sku] -= found
    return taken


def _by_sku(order: PlaceOrder, lines: Sequence[Line]) -> dict[UUID, int]:
    """The lines that the order names, and for those that it knows by sku alone the oldest of that sku first."""
    by_id, by_sku, taken = dict[UUID, int](), dict[str, int](), dict[UUID, int]()
    for line in order.lines:
        if line.line_id is None:
            by_sku[line.sku] = by_sku.get(line.sku, 0) + line.quantity
        else:
            by_id[line.line_id] = by_id.get(line.line_id, 0) + line.quantity
    for held in lines:
        named = min(held.quantity, by_id.get(held.line_id, 0))
        found = min(held.quantity - named, by_sku.get(held.sku, 0))
        if named + found:
            taken[held.line_id] = named + found
            by_sku[held.sku] = by_sku.get(held.sku, 0) - found
    return taken


def _by_time(order: PlaceOrder, placed_at: datetime, lines: Sequence[Line]) -> dict[UUID, int]:
    """The cart as it was then; of what the order names, also what came while clocks may disagree."""
    just_then = bought_before(order.units(), placed_at, lines)
    then = {line.line_id: max(quantity_when(line, placed_at), just_then.get(line.line_id, 0)) for line in lines}
    return {line_id: units for line_id, units in then.items() if units}


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def divide(cart: Cart, taken: Mapping[UUID, int] | None) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
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


def next_cart(cart: Cart, left: Sequence[Line], context: Context) -> NextCart | None:
    """The cart that holds what is left, and what is saved for later; None where nothing is.

    Others are told line by line, as if each had been added to a new cart: that is what it is to them.
    """
    if not left and not cart.saved:
        return None
    following = Cart(context.new_id(), cart.store_id, cart.customer_id, context.now, context.now, saved=cart.saved)
    if not left:
        following = next_version(following, context)
        return NextCart(following, cart.cart_id, (event(CartDetailsSet, following, context),))
    events: list[CartEvent] = []
    for line in left:
        following = next_version(following, context, lines=(*following.lines, line), currency=cart.currency)
        facts = {"line_id": line.line_id, "sku": line.sku, "added": line.quantity, "quantity": line.quantity}
        events.append(event(LineAdded, following, replace(context, device=line.device), **facts))
    return NextCart(following, cart.cart_id, tuple(events))
