"""An order takes what it names out of the carts, and ends the reminders that run for whoever ordered. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from libs.contracts.events import CartSilenced, Event, OrderedLine, OrderPlaced
from services.cart.domain.cart import Cart, Change, Context, event, order_cart
from services.cart.domain.orders.commands import PlaceOrder
from services.cart.domain.orders.mismatches import Mismatch, Taken, mismatches_of
from services.cart.domain.orders.remainder import NextCart, divide, next_cart, put_in_since
from services.cart.domain.orders.taking import Wanted, all_of


@dataclass(frozen=True, slots=True)
class Beside:
    """What an order has to do with beside the carts from which it may take: `others` of whoever ordered, and what is
    known already of the cart that it names. `told_before`: `records` are the carts that it closed then (`took_all`:
    whatever was in them), `awaited` the units that are still to be found.
    """

    others: Sequence[Cart] = ()
    mismatches: tuple[Mismatch, ...] = ()
    awaited: Mapping[str, int] | None = None
    records: Sequence[Cart] = ()
    took_all: bool = False
    told_before: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """The carts that an order closes, those that follow them, those of which nobody is reminded any more, and all that
    others are told of it, in order.

    `awaited` are units by sku that were bought and in none of the carts: they may be on their way.
    """

    closed: tuple[Change, ...]
    following: tuple[NextCart, ...]
    silenced: tuple[Change, ...]
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
        return (*(change.event for change in (*self.closed, *self.silenced)), *following)

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
    order: PlaceOrder,
    store_id: str,
    locked: Sequence[Cart],
    context: Context,
    merged: Cart | None = None,
    beside: Beside = Beside(),
) -> Placed:
    """The order, with or without carts: buying what was never in a cart is normal.

    It may take from those `locked`, the first of them first. `merged` is the cart that the order names, as it was
    closed, where it has gone into one of these.
    """
    wanted = _wanted(order, beside)
    closed, following, left = list[Change](), list[NextCart](), list[Cart](beside.others)
    for cart in locked:
        taken = all_of(order, cart, merged) if wanted is None else wanted.take(order, cart, merged)
        if taken == {} and (wanted is not None or order.placed_at is not None):
            left.append(cart)  # nothing of it was bought: it stays as it is
            continue
        change, taking_over = take_from_cart(cart, taken, order.order_id, context, order.placed_at)
        closed.append(change)
        following += taking_over
    silenced = [silence(cart, order.order_id, context) for cart in left if not _filled_since(cart, order.placed_at)]
    taken_all = Taken(locked, closed, merged, beside.records, beside.took_all)
    told = (*beside.mismatches, *mismatches_of(order, taken_all, wanted))
    placed = _told(order, store_id, closed, told, context)
    if beside.told_before:
        placed = placed.model_copy(update={"told_before": True})
    awaited = _awaited(order, closed) if wanted is None else wanted.left()
    if any(one.field == "already_ordered" for one in beside.mismatches):
        awaited = {}  # what was in its cart has been found: it is the other order's
    return Placed(tuple(closed), tuple(following), tuple(silenced), placed, told, awaited)


def take_from_cart(
    cart: Cart,
    taken: Mapping[UUID, int] | None,
    order_id: str,
    context: Context,
    placed_at: datetime | None = None,
) -> tuple[Change, tuple[NextCart, ...]]:
    """A cart closed by an order that takes these units of its lines (None: all), and the next one, if any.

    Of the next one nobody is reminded until its goods change, unless they came after the order was placed.
    """
    bought, left = divide(cart, taken)
    record = replace(cart, lines=bought, saved=(), currency=cart.currency if bought else None)
    silent = placed_at is None or not put_in_since(left, placed_at)
    following = next_cart(cart, left, context, silent_since=context.now if silent else None)
    return order_cart(record, order_id, context), (following,) if following else ()


def silence(cart: Cart, order_id: str, context: Context) -> Change:
    """The cart as it is, but that nobody is reminded of it until its goods change."""
    silent = replace(cart, silent_since=context.now, changed=())
    as_told = replace(silent, updated_at=max(context.now, cart.updated_at))
    return Change(silent, event(CartSilenced, as_told, context, order_id=order_id))


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


def _wanted(order: PlaceOrder, beside: Beside) -> Wanted | None:
    """What the order names, or None where it takes all of the carts."""
    if order.whole_cart or (not order.lines and beside.awaited is None):
        return None
    if beside.awaited is not None:
        return Wanted({}, dict(beside.awaited))
    skus = {line.line_id: line.sku for line in order.lines if line.line_id}
    return Wanted(order.units_by_line(), order.units_by_sku(), skus)


def _filled_since(cart: Cart, placed_at: datetime | None) -> bool:
    """An order that is told late says nothing of what was gathered after it."""
    return placed_at is not None and put_in_since(cart.lines, placed_at)


def _told(
    order: PlaceOrder, store_id: str, closed: Sequence[Change], mismatches: Sequence[Mismatch], context: Context
) -> OrderPlaced:
    ids = [change.cart.cart_id for change in closed]
    skus = [line.sku for line in order.lines] or [sku for change in closed for sku in change.cart.holds()]
    return OrderPlaced(
        event_id=context.new_id(),
        occurred_at=context.now,
        order_id=order.order_id,
        store_id=store_id,
        customer_id=order.customer_id,
        cart_id=order.cart_id if order.cart_id in ids or not ids else ids[0],
        currency=order.currency,
        total=order.total,
        skus=tuple(dict.fromkeys(skus)),
        mismatches=tuple(one.told() for one in mismatches) or None,
        lines=tuple(OrderedLine(sku=li.sku, units=li.quantity, price=li.price) for li in order.lines) or None,
        channel=order.channel,
        placed_at=min(order.placed_at or context.now, context.now),
    )


def _awaited(order: PlaceOrder, closed: Sequence[Change]) -> dict[str, int]:
    return dict(Counter(order.units()) - Counter(_bought(closed)))


def _bought(closed: Sequence[Change]) -> dict[str, int]:
    found = dict[str, int]()
    for change in closed:
        for sku, units in change.cart.holds().items():
            found[sku] = found.get(sku, 0) + units
    return found
