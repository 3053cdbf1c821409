"""Which units an order takes out of a cart. Pure.

By its lines, or all of the cart; of the cart that it names as it was at the version from which it was priced, else as
it was when the order was placed, where it says either.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from services.cart.domain.cart import Cart
from services.cart.domain.orders.commands import PlaceOrder
from services.cart.domain.orders.remainder import CLOCKS_APART, bought_before, quantity_at, quantity_when


@dataclass(frozen=True, slots=True)
class Wanted:
    """The units that an order names and that were in no cart so far: by line, and by sku where it names no line.

    `skus` are those of the lines.
    """

    by_line: dict[UUID, int]
    by_sku: dict[str, int]
    skus: Mapping[UUID, str] = field(default_factory=dict)

    def take(self, order: PlaceOrder, cart: Cart, merged: Cart | None) -> dict[UUID, int]:
        """Units by line id that the order finds in a cart, of a sku in the oldest of its lines first; they are not
        wanted any more.
        """
        taken, there = dict[UUID, int](), there_for(order, cart, merged)
        for line in cart.lines:
            most = there[line.line_id]
            named = min(most, self.by_line.get(line.line_id, 0))
            found = min(most - named, self.by_sku.get(line.sku, 0))
            if named:
                self.by_line[line.line_id] -= named
            if found:
                self.by_sku[line.sku] -= found
            if named + found:
                taken[line.line_id] = named + found
        return taken

    def left(self) -> dict[str, int]:
        """Units by sku that were in none of the carts."""
        left = {sku: units for sku, units in self.by_sku.items() if units}
        for line_id, units in self.by_line.items():
            if units:
                left[self.skus[line_id]] = left.get(self.skus[line_id], 0) + units
        return left


def there_for(order: PlaceOrder, cart: Cart, merged: Cart | None) -> dict[UUID, int]:
    """Units by line id that stood in a cart when the order was priced or placed, as far as they are there still."""
    if (then := _priced(order, cart, merged)) is None:
        at = None if order.placed_at is None else order.placed_at + CLOCKS_APART
        then = {line.line_id: line.quantity if at is None else quantity_when(line, at) for line in cart.lines}
    return {line.line_id: min(line.quantity, then.get(line.line_id, 0)) for line in cart.lines}


def all_of(order: PlaceOrder, cart: Cart, merged: Cart | None = None) -> dict[UUID, int] | None:
    """Units by line id of a cart that is ordered as a whole; None where that is everything in it."""
    if (priced := _priced(order, cart, merged)) is not None:
        return priced
    if order.placed_at is None:
        return None
    just_then = Counter(bought_before(order.units(), order.placed_at, cart.lines))
    then = {line.line_id: max(quantity_when(line, order.placed_at), just_then[line.line_id]) for line in cart.lines}
    return {line_id: units for line_id, units in then.items() if units}


def _priced(order: PlaceOrder, cart: Cart, merged: Cart | None) -> dict[UUID, int] | None:
    """Units by line id at the version that the order names, or None where it names none of this cart."""
    if order.cart_version is None or order.cart_id not in (cart.cart_id, merged and merged.cart_id):
        return None
    priced = merged if merged is not None and order.cart_id == merged.cart_id else cart
    return {line.line_id: quantity_at(line, order.cart_version) for line in priced.lines}
