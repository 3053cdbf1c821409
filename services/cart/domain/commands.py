"""What shoppers and servers ask for, validated. Unknown fields are refused rather than ignored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID, uuid5

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
)
from pydantic.config import JsonDict

from services.cart.domain.currency import Currency
from services.cart.domain.customers.customer_ids import CustomerId
from services.cart.domain.goods import TEXT, GoodsName, Options
from services.cart.domain.limits import (
    MAX_ATTRIBUTES,
    MAX_NOTICES,
    MAX_PRICE,
    MAX_QUANTITY,
)
from services.cart.domain.merge.receipt import Mode

LINES = UUID("3e2b54dc-1e8e-5d0f-9f2b-6d3d0b0d3a11")
"""Namespace of line ids: changing it would split every line that stands in a cart."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=TEXT)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=TEXT)]
# A scheme, a host without credentials, and nothing that could end an attribute where the URL is shown.
_URL = r"""^https?://[^\s\x00-\x1f\x7f"<>\\`/?#@]+([/?#][^\s\x00-\x1f\x7f"<>\\`]*)?$"""
HttpUrl = Annotated[str, StringConstraints(max_length=2048, pattern=_URL)]
# Several lines are fine in what people write for people.
Note = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
AttributeValue = Annotated[str, StringConstraints(max_length=500, pattern=TEXT)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=TEXT)]


def like(example: JsonDict) -> ConfigDict:
    """An example for the OpenAPI document."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class Body(BaseModel):
    """A request body: strict types, no unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class AddLine(Body):
    """Adds `quantity` units (a delta: two devices that add at once both count). `price` is in minor units."""

    model_config = like(
        {
            "sku": "tea-100",
            "quantity": 2,
            "options": {"size": "100 g"},
            "title": "Mountain tea",
            "price": 1250,
            "currency": "EUR",
        }
    )

    sku: GoodsName
    quantity: int = Field(default=1, ge=1, le=MAX_QUANTITY)
    options: Options = Field(default_factory=dict)
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

    model_config = like({"quantity": 3})

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


@dataclass(frozen=True, slots=True)
class SaveLine:
    """Sets a line aside for later."""

    line_id: UUID


@dataclass(frozen=True, slots=True)
class RestoreLine:
    """Puts a line that was saved for later back into the cart."""

    line_id: UUID


@dataclass(frozen=True, slots=True)
class DiscardSaved:
    """Forgets a line that was saved for later, if it is there."""

    line_id: UUID


@dataclass(frozen=True, slots=True)
class SetNote:
    """Writes on a line what the shop should know; None wipes it off."""

    line_id: UUID
    note: str | None


@dataclass(frozen=True, slots=True)
class SetAttributes:
    """Sets attributes of the cart; None removes one, those that are not named stay."""

    attributes: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class StartCheckout:
    """Begins to pay for what is in the cart."""


Command = (
    AddLine
    | SetQuantity
    | RemoveLine
    | Clear
    | SaveLine
    | RestoreLine
    | DiscardSaved
    | SetNote
    | SetAttributes
    | StartCheckout
)


class LineNote(Body):
    """A note on a line, null to remove it."""

    note: Note | None


class LinePrice(Body):
    """What one unit of a line costs, in minor units of `currency`, whatever pages and told prices say; null lets them
    say it again.
    """

    model_config = like({"price": 990, "currency": "EUR"})

    price: int | None = Field(ge=0, le=MAX_PRICE)
    currency: Currency


class Attributes(Body):
    """Where a cart comes from (channel, campaign, terminal); null removes an attribute, others stay."""

    attributes: dict[Name, AttributeValue | None] = Field(min_length=1, max_length=MAX_ATTRIBUTES)


class Acknowledge(Body):
    """Notices that have been seen on this device."""

    notice_ids: list[Annotated[UUID, Field(strict=False)]] = Field(min_length=1, max_length=MAX_NOTICES)


class CopyCart(Body):
    """Adds the lines of a shared cart to one's own."""

    share_token: Token


class Claim(Body):
    """Brings a guest's cart to the customer who has just logged in; without a `mode` as the store merges. Where the
    browser keeps the token in a cookie, none is named here.
    """

    model_config = like({"cart_token": "g1_1tS5mXo0c0ffee"})

    cart_token: Token | None = None
    mode: Mode | None = None

    @model_serializer(mode="wrap")
    def _as_before(self, default: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without_absent(default(self), "mode")


class MergeCustomer(Body):
    """Makes one customer part of another: later log-ins of the one act for the other."""

    into: CustomerId


def _without_absent(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Requests are compared by their JSON: what an older page does not send must not tell its calls apart."""
    if document[name] is None:
        del document[name]
    return document
