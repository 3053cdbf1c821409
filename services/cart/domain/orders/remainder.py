"""What stood in a cart once, and what of it an order did not take: that lives on in the next cart. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.contracts.events import CartDetailsSet, CartEvent, LineAdded, OrderPlaced
from services.cart.domain.cart import Cart, Context, Line, event, next_version

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


def put_in_since(lines: Sequence[Line], at: datetime) -> bool:
    """Whether units came to these lines after a moment, by more than clocks may be apart."""
    return any(quantity_when(line, at + CLOCKS_APART) < line.quantity for line in lines)


def bought_before(units: Mapping[str, int], placed_at: datetime, lines: Sequence[Line]) -> dict[UUID, int]:
    """Units by line id of what was bought at a moment and stood there by then, as far as clocks agree."""
    left, taken = dict(units), dict[UUID, int]()
    for line in lines:
        held = min(line.quantity, quantity_when(line, placed_at + CLOCKS_APART))
        if found := min(held, left.get(line.sku, 0)):
            taken[line.line_id] = found
            left[line.sku] -= found
    return taken


def told_late(order: OrderPlaced) -> datetime | None:
    """When an order was placed that is told of later: what is dated by another clock (a watch, a view) is compared with
    no other, and is gone with it whenever it began.
    """
    return order.placed_at if order.placed_at is not None and order.placed_at < order.occurred_at else None


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


def next_cart(
    cart: Cart, left: Sequence[Line], context: Context, silent_since: datetime | None = None
) -> NextCart | None:
    """The cart that holds what is left, and what is saved for later; None where nothing is.

    Others are told line by line, as if each had been added to a new cart: that is what it is to them. `silent_since`:
    nobody is to be reminded of it until its goods change.
    """
    if not left and not cart.saved:
        return None
    following = Cart(context.new_id(), cart.store_id, cart.customer_id, context.now, context.now)
    if not left:
        following = replace(next_version(following, context, saved=cart.saved), silent_since=silent_since)
        return NextCart(following, cart.cart_id, (event(CartDetailsSet, following, context),))
    events: list[CartEvent] = []
    for line in left:
        more = {"saved": cart.saved} if not following.lines else {}
        lines = (*following.lines, line)
        following = next_version(following, context, lines=lines, currency=cart.currency, **more)
        following = replace(following, silent_since=silent_since)
        facts = {"line_id": line.line_id, "sku": line.sku, "added": line.quantity, "quantity": line.quantity}
        events.append(event(LineAdded, following, replace(context, device=line.device), **facts))
    return NextCart(following, cart.cart_id, tuple(events))
