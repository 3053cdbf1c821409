"""What changed since the customer last looked. Pure: worked out of the lines and what is known now, on every read.

A notice's id is made of its facts: the same change is the same notice on every read and every replica, and another one
comes back although the first was acknowledged.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from services.cart.domain.cart import Line
from services.cart.domain.merge.receipt import MergedLine, Receipt
from services.cart.domain.notice import Kind, Notice, notice


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has told: the level of a sku, and the price in the cart's currency, each with its version.

    `price` is in minor units. None where the store has told nothing.
    """

    available: int | None = None
    level_version: int = 0
    level_at: datetime | None = None
    price: int | None = None
    price_version: int = 0
    price_at: datetime | None = None


def notices_of(
    cart_id: UUID,
    lines: Sequence[Line],
    known: Mapping[str, Known],
    of_lines: Mapping[UUID, Known] = MappingProxyType({}),
) -> list[Notice]:
    """What differs between the lines and what is known of their skus, line by line; a price may be known of a line, by
    its id, for some are of a choice of options only.
    """
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    found: list[Notice] = []
    for line in lines:
        of_sku, of_line = known.get(line.sku), of_lines.get(line.line_id)
        if of_sku is not None:
            found += _of_stock(cart_id, line, units[line.sku], of_sku)
        if (facts := of_line or of_sku) is not None:
            found += _of_price(cart_id, line, facts)
    return found


def notices_of_merge(cart_id: UUID, receipt: Receipt, present: Collection[UUID]) -> list[Notice]:
    """What a merge did to lines that are still in the cart or set aside, for who opens the cart elsewhere.

    A guest's cart that became the customer's own has changed nothing.
    """
    if receipt.from_cart_id == cart_id or receipt.undone_at is not None:
        return []
    lines = [line for line in receipt.lines if line.line_id in present]
    return [told for line in lines if (told := _merged(receipt, line)) is not None]


def split_seen(notices: Iterable[Notice], acknowledged: Collection[UUID]) -> tuple[list[Notice], list[Notice]]:
    """The notices that a device has not acknowledged, and those that it has."""
    unseen, seen = list[Notice](), list[Notice]()
    for one in notices:
        (seen if one.notice_id in acknowledged else unseen).append(one)
    return unseen, seen


def _merged(receipt: Receipt, line: MergedLine) -> Notice | None:
    """Set aside is moved; less than asked for is cut; another quantity than the customer left there is merged."""
    asked = line.quantity + line.set_aside + line.dropped
    kind: Kind = "line_merged"
    before = line.own_quantity
    if line.set_aside:
        kind, before = "line_moved", asked
    elif line.dropped:
        kind, before = "quantity_cut", asked
    elif line.quantity == line.own_quantity:
        return None
    name = f"{receipt.merge_id}|{kind}|{line.line_id}"
    at = receipt.merged_at or line.added_at
    return notice(name, kind, line, before=before, after=line.quantity, at=at)


def _of_stock(cart_id: UUID, line: Line, units: int, facts: Known) -> list[Notice]:
    """All lines of a sku share its stock: `before` is what the cart holds of it."""
    if facts.available is None or facts.available >= units:
        return []
    kind: Kind = "low_stock" if facts.available else "out_of_stock"
    at = facts.level_at or line.updated_at
    return [_of_facts(cart_id, kind, line, units, facts.available, facts.level_version, at)]


def _of_price(cart_id: UUID, line: Line, facts: Known) -> list[Notice]:
    """Whichever came first: a page may show a price that the store had changed before. One that a server of the shop
    has set is meant.
    """
    if facts.price is None or facts.price == line.price or line.fixed_price:
        return []
    at = max(facts.price_at or line.added_at, line.added_at)
    return [_of_facts(cart_id, "price_changed", line, line.price, facts.price, facts.price_version, at)]


def _of_facts(cart_id: UUID, kind: Kind, line: Line, before: int, after: int, version: int, at: datetime) -> Notice:
    name = f"{cart_id}|{kind}|{line.line_id}|{before}|{after}|{version}"
    return notice(name, kind, line, before=before, after=after, at=at)
