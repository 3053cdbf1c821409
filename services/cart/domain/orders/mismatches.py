"""Where an order does not agree with the carts. The order stands: whoever has bought has bought. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from libs.contracts.events import OrderMismatch
from services.cart.domain.cart import Cart, Change
from services.cart.domain.orders.commands import OrderLine, PlaceOrder
from services.cart.domain.orders.taking import Wanted, there_for

Field = Literal["currency", "cart_version", "customer", "already_ordered", "units", "price", "total"]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What a cart says and what the order says: of one `sku`, where it is about that.

    Of `customer` neither says anything, for whose cart it is is nobody's but theirs. Of `already_ordered` they say by
    which orders.
    """

    cart_id: UUID
    field: Field
    cart: str | int | None
    order: str | int | None
    sku: str | None = None

    def told(self) -> OrderMismatch:
        """As others are told of it."""
        return OrderMismatch(cart_id=self.cart_id, field=self.field, cart=self.cart, order=self.order, sku=self.sku)


def mismatches_of(
    order: PlaceOrder,
    locked: Sequence[Cart],
    merged: Cart | None,
    closed: Sequence[Change],
    wanted: Wanted | None,
) -> list[Mismatch]:
    """Where the order does not agree with the carts that it `closed`, as they stood when they were `locked`."""
    ids = {change.cart.cart_id for change in closed}
    carts = [cart for cart in locked if cart.cart_id in ids]
    found = list[Mismatch]()
    for cart in locked:
        if cart.cart_id in ids and order.currency is not None and cart.currency not in (None, order.currency):
            found.append(Mismatch(cart.cart_id, "currency", cart.currency, order.currency))
        if order.cart_id == cart.cart_id and order.cart_version is not None and order.cart_version > cart.version:
            found.append(Mismatch(cart.cart_id, "cart_version", cart.version, order.cart_version))
    if wanted is not None:
        found += _units(order, carts, merged)
        found += _prices(order, carts)
    found += _total(order, closed, wanted)
    return found


def _units(order: PlaceOrder, carts: Sequence[Cart], merged: Cart | None) -> Iterator[Mismatch]:
    """More units of a sku than were there; fewer, too, where the order says that it is of all of that version."""
    held, where = dict[str, int](), dict[str, UUID]()
    for cart in carts:
        there = there_for(order, cart, merged)
        for line in cart.lines:
            if there[line.line_id]:
                held[line.sku] = held.get(line.sku, 0) + there[line.line_id]
                where.setdefault(line.sku, cart.cart_id)
    whole = order.cart_version is not None and not order.partial
    for sku, units in order.units().items():
        there_were = held.get(sku, 0)
        if there_were and (units > there_were or (whole and units < there_were)):
            yield Mismatch(where[sku], "units", there_were, units, sku)


def _prices(order: PlaceOrder, carts: Sequence[Cart]) -> Iterator[Mismatch]:
    """A line that was shown at another price than it was sold at."""
    for cart in carts:
        if order.currency not in (None, cart.currency):
            continue
        for sold in order.lines:
            shown = _shown(cart, sold)
            if sold.price is not None and shown is not None and shown != sold.price:
                yield Mismatch(cart.cart_id, "price", shown, sold.price, sold.sku)


def _shown(cart: Cart, sold: OrderLine) -> int | None:
    """The price of the line that was sold; of a sku that stands in several lines at several prices, nobody can say."""
    prices = {
        line.price for line in cart.lines if sold.line_id == line.line_id or (not sold.line_id and sold.sku == line.sku)
    }
    return prices.pop() if len(prices) == 1 else None


def _total(order: PlaceOrder, closed: Sequence[Change], wanted: Wanted | None) -> Iterator[Mismatch]:
    """Another total than what was taken comes to. Goods that were in no cart have no price here."""
    if order.total is None or not closed or (wanted is not None and wanted.left()):
        return
    if any(order.currency not in (None, change.cart.currency) for change in closed):
        return
    if len({change.cart.currency for change in closed}) > 1:
        return
    total = sum(change.cart.total for change in closed)
    if total != order.total:
        ids = [change.cart.cart_id for change in closed]
        yield Mismatch(order.cart_id if order.cart_id in ids and order.cart_id else ids[0], "total", total, order.total)
