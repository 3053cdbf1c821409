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


@dataclass(frozen=True, slots=True)
class Taken:
    """What an order took: the carts `locked` by it, as they stood, of which it `closed` some, and the `records` of
    those that it had closed when it was told before. `whole`: it took all of these, whatever was in them.
    """

    locked: Sequence[Cart]
    closed: Sequence[Change]
    merged: Cart | None = None
    records: Sequence[Cart] = ()
    whole: bool = False

    def carts(self) -> list[Cart]:
        """The carts that it closed, as they stood."""
        ids = {change.cart.cart_id for change in self.closed}
        return [*self.records, *(cart for cart in self.locked if cart.cart_id in ids)]

    def whole_units(self, sku: str) -> int:
        """Units that it took whatever was there."""
        return sum(record.holds().get(sku, 0) for record in self.records if self.whole)

    def totals(self) -> dict[UUID, tuple[int, str | None]]:
        """What it took of each comes to, and in which currency."""
        taken = [*self.records, *(change.cart for change in self.closed)]
        return {cart.cart_id: (cart.total, cart.currency) for cart in taken}


def mismatches_of(order: PlaceOrder, taken: Taken, wanted: Wanted | None) -> list[Mismatch]:
    """Where the order does not agree with the carts that it closed, as they stood when they were locked."""
    carts, found = taken.carts(), list[Mismatch]()
    ids = {cart.cart_id for cart in carts}
    for cart in (*taken.records, *taken.locked):
        if cart.cart_id in ids and order.currency is not None and cart.currency not in (None, order.currency):
            found.append(Mismatch(cart.cart_id, "currency", cart.currency, order.currency))
        if order.cart_id == cart.cart_id and order.cart_version is not None and order.cart_version > cart.version:
            found.append(Mismatch(cart.cart_id, "cart_version", cart.version, order.cart_version))
    if order.lines and not order.whole_cart:
        found += _units(order, carts, taken)
        found += _prices(order, carts)
    if wanted is None or not wanted.left():
        found += _total(order, taken)
    return found


def _units(order: PlaceOrder, carts: Sequence[Cart], taken: Taken) -> Iterator[Mismatch]:
    """More units of a sku than were there; fewer, too, where it is of all of a version or took all."""
    held, where = dict[str, int](), dict[str, UUID]()
    for cart in carts:
        there = there_for(order, cart, taken.merged)
        for line in cart.lines:
            if there[line.line_id]:
                held[line.sku] = held.get(line.sku, 0) + there[line.line_id]
                where.setdefault(line.sku, cart.cart_id)
    whole = order.cart_version is not None and not order.partial
    for sku, units in order.units().items():
        there_were = held.get(sku, 0)
        least = there_were if whole else taken.whole_units(sku)
        if there_were and not least <= units <= there_were:
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


def _total(order: PlaceOrder, taken: Taken) -> Iterator[Mismatch]:
    """Another total than what was taken comes to. Goods that were in no cart have no price here."""
    totals = taken.totals()
    currencies = {currency for _, currency in totals.values()}
    if order.total is None or len(currencies) != 1 or order.currency not in (None, *currencies):
        return
    total = sum(amount for amount, _ in totals.values())
    if total != order.total:
        first = order.cart_id if order.cart_id in totals and order.cart_id else next(iter(totals))
        yield Mismatch(first, "total", total, order.total)
