"""Carts as JSON: the lines as they stand in the row are, byte for byte, the lines of the answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

from libs.contracts.names import plain_name
from libs.money.currencies import exponent
from services.cart.domain.cart import Cart, Line, SavedLine, Status
from services.cart.domain.goods import plain_options
from services.cart.domain.notice import Notice
from services.cart.domain.remembered import Remembered

L = TypeVar("L", bound=Line)
_LINES = TypeAdapter(tuple[Line, ...])
_line_json: Remembered[Line, bytes] = Remembered("known_json", TypeAdapter(Line).serializer.to_json)
_SAVED = TypeAdapter(tuple[SavedLine, ...])
_NOTICES = TypeAdapter(Sequence[Notice])
TOLD = "."
"""In an entity tag, before what names the notices: whoever insists on a state of the cart does not insist on them."""

State = tuple[UUID | None, int, int]
"""Which cart, its version, and what was known of stock and prices: whether there is anything new to be told."""


@dataclass(frozen=True, slots=True)
class CartView:
    """A cart as it is shown: enough to answer without reading its lines.

    `facts` stands for what was known of stock and prices when its notices were worked out (in this process alone).
    """

    cart_id: UUID | None
    store_id: str
    customer_id: str | None
    status: Status
    version: int
    currency: str | None
    lines: bytes
    units: int
    total: int
    created_at: datetime | None
    updated_at: datetime | None
    saved: bytes = b"[]"
    attributes: bytes = b"{}"
    notices: bytes | None = None
    facts: int = 0

    @property
    def etag(self) -> str:
        """Names this state of this cart, and what is told of it: prices and stock change while the cart does not."""
        name = etag(self.cart_id, self.version)
        if self.notices is None:
            return name
        return f'{name[:-1]}{TOLD}{hashlib.sha256(self.notices).hexdigest()[:8]}"'

    @property
    def state(self) -> State:
        """What to compare with, to know whether reading it again would find anything new."""
        return self.cart_id, self.version, self.facts

    def with_notices(self, notices: Sequence[Notice], facts: int = 0) -> "CartView":
        """The cart with what changed since the customer last looked; as it was where that is nothing."""
        if not notices and not facts:
            return self
        return replace(self, notices=_NOTICES.dump_json(notices) if notices else None, facts=facts)

    def json(self, **members: object) -> bytes:
        """The `Cart` of the API, with `members` added at its end."""
        head = to_json(
            {
                "id": self.cart_id,
                "store_id": self.store_id,
                "customer_id": self.customer_id,
                "status": self.status,
                "version": self.version,
                "currency": self.currency,
                "exponent": exponent(self.currency),
                "units": self.units,
                "total": self.total,
                "created_at": self.created_at,
                "updated_at": self.updated_at,
                **members,
            }
        )
        body = b'%s,"lines":%s,"saved":%s,"attributes":%s' % (head[:-1], self.lines, self.saved, self.attributes)
        return body + b"}" if self.notices is None else b'%s,"notices":%s}' % (body, self.notices)


def etag(cart_id: UUID | None, version: int) -> str:
    """A strong entity tag. The next cart of the same shopper counts from 1 again, under another tag."""
    return '"0"' if cart_id is None else f'"{version}-{cart_id.hex[-12:]}"'


def empty_view(store_id: str, customer_id: str | None) -> CartView:
    """What a shopper without a cart is shown."""
    return CartView(
        cart_id=None,
        store_id=store_id,
        customer_id=customer_id,
        status="active",
        version=0,
        currency=None,
        lines=b"[]",
        units=0,
        total=0,
        created_at=None,
        updated_at=None,
    )


def lines_json(cart: Cart) -> bytes:
    """The lines as they are stored and shown."""
    return dump_lines(cart.lines)


def line_json(line: Line) -> bytes:
    """One of them."""
    return _line_json(line)


def dump_lines(lines: tuple[Line, ...]) -> bytes:
    """Lines as they are stored and shown."""
    return b"[%s]" % b",".join(_line_json.each(lines))


def skus_in(lines: bytes) -> set[str]:
    """What is in lines as they are stored and shown."""
    return {line["sku"] for line in from_json(lines)}


def saved_json(cart: Cart) -> bytes:
    """The lines that are set aside, as they are stored and shown."""
    return _SAVED.dump_json(cart.saved) if cart.saved else b"[]"


def attributes_json(cart: Cart) -> bytes:
    """The attributes as they are stored and shown."""
    return to_json(cart.attributes) if cart.attributes else b"{}"


def read_lines(text: str | bytes) -> tuple[Line, ...]:
    """Lines of the database; names that an earlier release stored get the one spelling."""
    return tuple(map(_spelled, _LINES.validate_json(text)))


def read_saved(text: str | bytes) -> tuple[SavedLine, ...]:
    """Lines of the database that are set aside."""
    return () if text in ("[]", b"[]") else tuple(map(_spelled, _SAVED.validate_json(text)))


def _spelled(line: L) -> L:
    """The id stays: pages know the line by it."""
    sku, options = plain_name(line.sku), plain_options(line.options)
    return line if (sku, options) == (line.sku, line.options) else replace(line, sku=sku, options=options)


def cart_view(cart: Cart, lines: bytes | None = None) -> CartView:
    """A cart of the core as it is shown; `lines` where they are in JSON already."""
    return CartView(
        cart_id=cart.cart_id,
        store_id=cart.store_id,
        customer_id=cart.customer_id,
        status=cart.status,
        version=cart.version,
        currency=cart.currency,
        lines=lines_json(cart) if lines is None else lines,
        units=cart.units,
        total=cart.total,
        created_at=cart.created_at,
        updated_at=cart.updated_at,
        saved=saved_json(cart),
        attributes=attributes_json(cart),
    )
