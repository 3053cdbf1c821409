"""Orders and what becomes of them, as shops tell of them. Unknown fields are refused rather than ignored."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from services.cart.domain.commands import Body, HttpUrl, Name, Token, like
from services.cart.domain.currency import Currency
from services.cart.domain.customers.customer_ids import CustomerId
from services.cart.domain.goods import GoodsName
from services.cart.domain.instants import Instant
from services.cart.domain.limits import MAX_LINES, MAX_PRICE, MAX_TOTAL

UpdateType = Literal["cancelled", "payment_failed", "returned", "shipped", "delivered"]
MAX_UNITS = 10**6


class OrderLine(Body):
    """What was bought; `price` is of one unit, in minor units of the order's currency. `line_id` is the line of the
    cart that was bought; without it the units are found by their sku.
    """

    sku: GoodsName
    quantity: int = Field(ge=1, le=MAX_UNITS)
    price: int | None = Field(default=None, ge=0, le=MAX_PRICE)
    line_id: Annotated[UUID, Field(strict=False)] | None = None

    @model_serializer(mode="wrap")
    def _as_before(self, default: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without_absent(default(self), "line_id")


class PlaceOrder(Body):
    """An order as the shop took it, with whatever it knows of who ordered and from which cart.

    An order with lines takes these units out of the carts; what it leaves lives on in the next cart, and a cart in
    which none of them is stays as it is. Without lines, or with `whole_cart` (goods are sold under other names than
    they are gathered), it takes all of the carts. `cart_version` is the version of `cart_id` from which it was priced:
    what came later lives on. So does what came after `placed_at`, for an order that names no version. `partial` says
    that more of the cart may be ordered apart. `cart_token` is the guest's token of the device. `channel` is a word of
    the shop for where it was placed, such as `web`, `pos` or `subscription`.
    """

    model_config = like(
        {
            "order_id": "10042",
            "customer_id": "anna",
            "currency": "EUR",
            "total": 2500,
            "lines": [{"sku": "tea-100", "quantity": 2}],
        }
    )

    order_id: Name
    customer_id: CustomerId | None = None
    cart_id: Annotated[UUID, Field(strict=False)] | None = None
    cart_version: int | None = Field(default=None, ge=1, le=2**53 - 1)
    cart_token: Token | None = None
    currency: Currency | None = None
    total: int | None = Field(default=None, ge=0, le=MAX_TOTAL)
    lines: list[OrderLine] = Field(default_factory=list, max_length=MAX_LINES)
    partial: bool = False
    whole_cart: bool = False
    placed_at: Instant | None = None
    channel: Name | None = None

    def units_by_line(self) -> dict[UUID, int]:
        """Units by line of the cart, of the lines that name one."""
        return _summed((line.line_id, line.quantity) for line in self.lines if line.line_id is not None)

    def units_by_sku(self) -> dict[str, int]:
        """Units by sku, of the lines that name no line of the cart."""
        return _summed((line.sku, line.quantity) for line in self.lines if line.line_id is None)

    def units(self) -> dict[str, int]:
        """Units of each sku that was bought; empty where the order does not say."""
        return _summed((line.sku, line.quantity) for line in self.lines)

    def prices(self) -> dict[str, int]:
        """What a unit of each sku costs, of those of which every line says the same."""
        told = {(line.sku, line.price) for line in self.lines}
        skus = [sku for sku, _ in told]
        return {sku: price for sku, price in sorted(told, key=str) if price is not None and skus.count(sku) == 1}

    @model_validator(mode="after")
    def _version_of_a_cart(self) -> Self:
        if self.cart_version is not None and self.cart_id is None:
            raise ValueError("cart_version needs the cart_id that it belongs to")
        if self.partial and not self.lines:
            raise ValueError("a partial order names its lines")
        if self.partial and self.whole_cart:
            raise ValueError("a partial order does not take the whole cart")
        return self

    @model_serializer(mode="wrap")
    def _as_before(self, default: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without_absent(default(self), "cart_version", "partial", "whole_cart", "placed_at", "channel")


class UpdatedLine(Body):
    """Units of a sku to which something happened."""

    sku: GoodsName
    quantity: int = Field(ge=1, le=MAX_UNITS)


class UpdateOrder(Body):
    """What became of an order: of all of it, or of the `lines` that are named.

    `occurred_at` is by the shop's clock, now where it is left out. The same type at the same instant is the same fact,
    unless a `sequence` tells them apart. An order that was cancelled with `reopen`, or whose payment failed, gives its
    cart back. `tracking_url` is where what was shipped is followed: the message that it is on its way leads there. Told
    later, with the same fact once more, it is added.
    """

    model_config = like(
        {
            "type": "shipped",
            "occurred_at": "2026-03-14T15:09:26Z",
            "lines": [{"sku": "tea-100", "quantity": 2}],
            "tracking_url": "https://parcels.example/10042",
        }
    )

    type: UpdateType
    occurred_at: Instant | None = None
    sequence: int = Field(default=0, ge=0, le=2**53 - 1)
    lines: list[UpdatedLine] = Field(default_factory=list, max_length=MAX_LINES)
    reopen: bool = False
    tracking_url: HttpUrl | None = None

    @property
    def reopens(self) -> bool:
        """Whether what was bought is to be in the cart again."""
        return self.reopen or self.type == "payment_failed"

    def units(self) -> dict[str, int]:
        """Units of each sku; empty for all of the order."""
        return _summed((line.sku, line.quantity) for line in self.lines)

    @model_validator(mode="after")
    def _what_reopens(self) -> Self:
        if self.reopen and self.type not in ("cancelled", "payment_failed"):
            raise ValueError("only what was cancelled or not paid gives its cart back")
        if self.type == "payment_failed" and self.lines:
            raise ValueError("a payment is of the whole order")
        if self.tracking_url and self.type != "shipped":
            raise ValueError("only what was shipped is followed")
        return self

    @model_serializer(mode="wrap")
    def _as_before(self, default: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without_absent(default(self), "reopen", "tracking_url")


def _summed(pairs: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    units: dict[Any, int] = {}
    for name, quantity in pairs:
        units[name] = units.get(name, 0) + quantity
    return units


def _without_absent(document: dict[str, Any], *names: str) -> dict[str, Any]:
    """Orders are compared by their JSON: what an older shop does not send must not tell its orders apart."""
    for name in names:
        if not document[name]:
            del document[name]
    return document
