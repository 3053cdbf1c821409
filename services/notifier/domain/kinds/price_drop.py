"""Tells that an item in the cart costs less than it did when it came in: it holds while it costs no more. Pure."""

from collections.abc import Iterator, Mapping

from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine


def why_not(reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """`ordered` where the customer ordered after the price had fallen, `not_in_cart`, `sold_out`, `price_unknown` where
    the store tells none, `price_rose` where it is higher by now, `price_as_seen` where the cart says no more.
    """
    if snapshot.silent_since is not None and snapshot.silent_since >= reminder.due_at:
        return "ordered"
    if all(line.sku != reminder.sku for line in snapshot.cart.lines):
        return "not_in_cart"
    if all(line.sku != reminder.sku for line in snapshot.sellable):
        return "sold_out"
    told = list(_told(reminder, snapshot))
    if not told or reminder.price is None:
        return "price_unknown"
    if all(now > reminder.price for _, now in told):
        return "price_rose"
    return None if _cheaper(reminder, snapshot) else "price_as_seen"


def amounts(reminder: Reminder, snapshot: CartSnapshot) -> Mapping[str, int]:
    """What a unit costs `now`, what it `was` when the customer saw it, and the `savings` between both, in minor units
    of the cart's currency.
    """
    if (cheaper := _cheaper(reminder, snapshot)) is None:
        return {}
    line, now = cheaper
    return {"was": line.price, "now": now, "savings": line.price - now}


def units(reminder: Reminder, snapshot: CartSnapshot) -> int:
    """How many units of it are in the cart."""
    return sum(line.quantity for line in snapshot.sellable if line.sku == reminder.sku)


def lines(reminder: Reminder, snapshot: CartSnapshot) -> tuple[SnapshotLine, ...]:
    """What of the cart can be ordered; the item with what it costs now, as the words beside it say."""
    now = {line.line_id: price for line, price in _told(reminder, snapshot) if price < line.price}

    def as_told(line: SnapshotLine) -> SnapshotLine:
        price = now.get(line.line_id)
        return line if price is None else line.model_copy(update={"price": price, "total": price * line.quantity})

    return tuple(map(as_told, snapshot.sellable))


def items(reminder: Reminder, snapshot: CartSnapshot) -> Mapping[str, int]:
    """The item, with its units in the cart."""
    return {reminder.sku: units(reminder, snapshot)} if reminder.sku else {}


def _told(reminder: Reminder, snapshot: CartSnapshot) -> Iterator[tuple[SnapshotLine, int]]:
    """The lines of the item of which the store tells what they cost, with that."""
    for line in snapshot.sellable:
        if line.sku == reminder.sku and line.line_id is not None and line.line_id in snapshot.prices:
            yield line, snapshot.prices[line.line_id]


def _cheaper(reminder: Reminder, snapshot: CartSnapshot) -> tuple[SnapshotLine, int] | None:
    """The first line that costs less than the cart says, and no more than the reminder does."""
    if (most := reminder.price) is None:
        return None
    return next(((line, now) for line, now in _told(reminder, snapshot) if now <= most and now < line.price), None)


PRICE_DROP = Kind(
    why_not, units, badge="price_drop.badge", items=items, lines=lines, amounts=amounts, purpose="stock_alerts"
)
