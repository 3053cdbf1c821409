"""What shoppers and servers ask for, validated. Unknown fields are refused rather than ignored."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Self
from uuid import UUID, uuid5

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.config import JsonDict

from services.cart.currency import Currency
from services.cart.limits import MAX_AVAILABLE, MAX_LEVELS, MAX_LINES, MAX_PRICE, MAX_QUANTITY, MAX_TOTAL

LINES = UUID("3e2b54dc-1e8e-5d0f-9f2b-6d3d0b0d3a11")
"""Namespace of line ids: changing it would split every line that stands in a cart."""

# PostgreSQL stores no NUL, and no other control character belongs in a name.
_TEXT = r"^[^\x00-\x1f\x7f]*$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=_TEXT)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=_TEXT)]
OptionName = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=_TEXT)]
OptionValue = Annotated[str, StringConstraints(max_length=100, pattern=_TEXT)]
# A scheme, a host without credentials, and nothing that could end an attribute where the URL is shown.
_URL = r"""^https?://[^\s\x00-\x1f\x7f"<>\\`/?#@]+([/?#][^\s\x00-\x1f\x7f"<>\\`]*)?$"""
HttpUrl = Annotated[str, StringConstraints(max_length=2048, pattern=_URL)]
CustomerId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_TEXT)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def _like(example: JsonDict) -> ConfigDict:
    """An example for the OpenAPI document."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class Body(BaseModel):
    """A request body: strict types, no unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AddLine(Body):
    """Adds `quantity` units (a delta: two devices that add at once both count). `price` is in minor units."""

    model_config = _like(
        {
            "sku": "tea-100",
            "quantity": 2,
            "options": {"size": "100 g"},
            "title": "Mountain tea",
            "price": 1250,
            "currency": "EUR",
        }
    )

    sku: Name
    quantity: int = Field(default=1, ge=1, le=MAX_QUANTITY)
    options: dict[OptionName, OptionValue] = Field(default_factory=dict, max_length=10)
    title: Title
    price: int = Field(ge=0, le=MAX_PRICE)
    currency: Currency
    image_url: HttpUrl | None = None
    url: HttpUrl | None = None

    def line_id(self) -> UUID:
        """Sku and options make the line, not the page it was added from."""
        return line_id(self.sku, self.options)


def line_id(sku: str, options: dict[str, str]) -> UUID:
    """The id of the line of a sku with these options, the same in every cart."""
    return _line_id(sku, tuple(sorted(options.items())))


@lru_cache(maxsize=10_000)
def _line_id(sku: str, options: tuple[tuple[str, str], ...]) -> UUID:
    return uuid5(LINES, json.dumps([sku, options], separators=(",", ":"), ensure_ascii=False))


class Quantity(Body):
    """Sets a line to `quantity` units; 0 takes it out."""

    model_config = _like({"quantity": 3})

    quantity: int = Field(ge=0, le=MAX_QUANTITY)


@dataclass(frozen=True, slots=True)
class SetQuantity:
    """Sets a line to an absolute quantity."""

    line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class RemoveLine:
    """Takes a line out, if it is there."""

    line_id: UUID


@dataclass(frozen=True, slots=True)
class Clear:
    """Takes all lines out."""


Command = AddLine | SetQuantity | RemoveLine | Clear


class Claim(Body):
    """Brings a guest's cart to the customer who has just logged in."""

    model_config = _like({"cart_token": "g1_…"})

    cart_token: Token


class OrderLine(Body):
    """What was bought; `price` is of one unit, in minor units of the order's currency."""

    sku: Name
    quantity: int = Field(ge=1, le=10**6)
    price: int | None = Field(default=None, ge=0, le=MAX_PRICE)


class PlaceOrder(Body):
    """An order as the shop took it, with whatever it knows of who ordered and from which cart."""

    model_config = _like(
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
    cart_token: Token | None = None
    currency: Currency | None = None
    total: int | None = Field(default=None, ge=0, le=MAX_TOTAL)
    lines: list[OrderLine] = Field(default_factory=list, max_length=MAX_LINES)


class Available(Body):
    """Units that can be sold now."""

    model_config = _like({"available": 12})

    available: int = Field(ge=0, le=MAX_AVAILABLE)


class Level(Available):
    """The level of one sku."""

    model_config = _like({"sku": "tea-100", "available": 12})

    sku: Name


class Levels(Body):
    """Many levels at once, each sku once."""

    model_config = _like({"levels": [{"sku": "tea-100", "available": 12}]})

    levels: list[Level] = Field(min_length=1, max_length=MAX_LEVELS)

    @model_validator(mode="after")
    def _each_sku_once(self) -> Self:
        if len({level.sku for level in self.levels}) < len(self.levels):
            raise ValueError("a sku stands twice")
        return self
