"""What whoever holds a link to a cart sees of it: the goods. Pure.

Links are passed on. So nothing is shown of whose they are, on which devices and when they were gathered, what was
written on them, what was saved for later, or where the customer came from.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from services.cart.cart import Cart, Line
from services.cart.currency import exponent


@dataclass(frozen=True, slots=True)
class LinkedLine:
    """One line; `price` (of one unit) and `total` are in minor units of the cart's currency."""

    line_id: UUID
    sku: str
    options: dict[str, str]
    title: str
    price: int
    quantity: int
    total: int
    image_url: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Goods:
    """The lines of a cart and what they come to."""

    store_id: str
    currency: str | None
    exponent: int | None
    lines: tuple[LinkedLine, ...]
    units: int
    total: int
    updated_at: datetime

    def json(self, **members: object) -> bytes:
        """As a link shows them, with `members` added at the end."""
        return b"%s,%s" % (_GOODS.dump_json(self)[:-1], _MEMBERS.dump_json(members)[1:])


_GOODS, _MEMBERS = TypeAdapter(Goods), TypeAdapter(dict[str, object])


def goods_of(cart: Cart) -> Goods:
    """The goods in a cart."""
    lines = tuple(_linked(line) for line in cart.lines)
    return Goods(cart.store_id, cart.currency, exponent(cart.currency), lines, cart.units, cart.total, cart.updated_at)


def _linked(line: Line) -> LinkedLine:
    return LinkedLine(
        line.line_id,
        line.sku,
        line.options,
        line.title,
        line.price,
        line.quantity,
        line.total,
        line.image_url,
        line.url,
    )
