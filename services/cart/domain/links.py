"""What whoever holds a link to a cart sees of it, and for how long. Pure.

Links are passed on. So nothing is shown of whose they are, on which devices and when they were gathered, what was
written on them, what was saved for later, or where the customer came from; and a link is never a log-in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from libs.money.currencies import exponent
from services.cart.domain.cart import Cart, Line, Status
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import WIDEST, Limits
from services.cart.domain.tokens import Recovery, Share


def check_open(link: Recovery | Share, status: Status, epoch: int, now: datetime, gone: Mapping[str, str]) -> None:
    """Returns where the link opens its cart. `gone` says by the cart's status what became of it, for people.

    Raises `Refusal`: link-expired, link-revoked, cart-gone (with the cart's status).
    """
    if link.expires_at <= now:
        raise Refusal("link-expired", "This link has expired.")
    if link.epoch != epoch:
        raise Refusal("link-revoked", "This link does not hold any more.")
    if status != "active":
        raise Refusal("cart-gone", gone[status], cart_status=status)


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


def goods_of(cart: Cart, limits: Limits) -> Goods:
    """The goods in a cart. They lead nowhere but to the store: anybody may write a cart and pass its link on."""
    lines = tuple(_linked(line, limits) for line in cart.lines)
    return Goods(cart.store_id, cart.currency, exponent(cart.currency), lines, cart.units, cart.total, cart.updated_at)


def _linked(line: Line, limits: Limits) -> LinkedLine:
    return LinkedLine(
        line_id=line.line_id,
        sku=line.sku,
        options=line.options,
        title=line.title,
        price=line.price,
        quantity=line.quantity,
        total=line.total,
        image_url=limits.own_link(line.image_url),
        url=limits.own_link(line.url),
    )


_RECOVERY_GONE = {
    "ordered": "This cart has been ordered.",
    # the cart that it went into may hold what was gathered on other devices: it is shown after a log-in only
    "merged": "This cart has become part of a customer's cart: log in to see it.",
    "expired": "This cart was not touched for so long that it has expired.",
}


def open_recovery(link: Recovery, cart: Cart, epoch: int, now: datetime, limits: Limits = WIDEST) -> Goods:
    """The goods of the cart: the link is opened by whom it was sent to, or by whomever they passed it on to.

    Raises `Refusal`: link-expired, link-revoked, cart-gone (with the cart's status).
    """
    check_open(link, cart.status, epoch, now, _RECOVERY_GONE)
    return goods_of(cart, limits)


_SHARE_GONE = {
    "ordered": "This cart has been ordered.",
    "merged": "This cart has become part of another one.",
    "expired": "This cart was not touched for so long that it has expired.",
}


def open_shared(link: Share, cart: Cart, epoch: int, now: datetime) -> Cart:
    """The cart as others see it: without its customer, notes, devices, attributes, and what is saved for later.

    Raises `Refusal`: link-expired, link-revoked, cart-gone (with the cart's status).
    """
    check_open(link, cart.status, epoch, now, _SHARE_GONE)
    lines = tuple(replace(line, note=None, device=None, history=(), changed_at=()) for line in cart.lines)
    return replace(cart, customer_id=None, lines=lines, saved=(), attributes={})
