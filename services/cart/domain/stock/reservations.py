"""Units that are held back for a cart while its shopper pays. Pure: who gets how much of what there is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.cart.domain.cart import Cart, Line


@dataclass(frozen=True, slots=True)
class Reserved:
    """What of a line is held back; `short` units of it are not there."""

    line_id: UUID
    sku: str
    quantity: int
    reserved: int
    short: int


def share_out(lines: Sequence[Line], free: Mapping[str, int]) -> list[Reserved]:
    """Gives each line what is `free` of its sku, in the order of the lines; where no level is known there is enough."""
    left = dict(free)
    shared: list[Reserved] = []
    for line in lines:
        units = min(line.quantity, left.get(line.sku, line.quantity))
        if line.sku in left:
            left[line.sku] -= units
        shared.append(Reserved(line.line_id, line.sku, line.quantity, units, line.quantity - units))
    return shared


def units_of(shared: Sequence[Reserved], known: Mapping[str, int]) -> dict[str, int]:
    """Units to hold back by sku, of those whose level is `known`."""
    units: dict[str, int] = {}
    for one in shared:
        if one.sku in known and one.reserved:
            units[one.sku] = units.get(one.sku, 0) + one.reserved
    return units


def lets_go(before: Cart, after: Cart) -> bool:
    """Whether there is less of anything in the cart than there was: what was held back of it is to be let go."""
    return not Counter(before.holds()) <= Counter(after.holds())
