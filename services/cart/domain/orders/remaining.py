"""The goods that are still in an order, as the carts knew them that it closed. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.cart.domain.cart import Line
from services.cart.domain.orders.fulfilment import ALL


def remaining_lines(left: Mapping[str, int], known: Iterable[Line]) -> tuple[Line, ...]:
    """The lines of its carts with the units that are `left` of each sku; what no cart knew has no line.

    Of an order that does not say what was bought they are all there, as long as anything is.
    """
    if ALL in left:
        return tuple(known) if left[ALL] else ()
    open_units, found = dict(left), list[Line]()
    for line in known:
        units = min(line.quantity, open_units.get(line.sku, 0))
        if units:
            open_units[line.sku] -= units
            found.append(replace(line, quantity=units, total=line.price * units))
    return tuple(found)
