"""Lines as events tell them: what a reader needs to know of goods, and no more."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from libs.contracts.events.base import Minor, Sku

MAX_LINES = 500
"""Of one event, so that its size is bounded: the widest that a cart or an order may be."""


class OrderedLine(BaseModel):
    """Units of an item in an order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sku: Sku
    units: int = Field(ge=1, description="How many were bought.")
    price: Minor | None = Field(default=None, description="Of one unit, in minor units of the order's currency.")


@dataclass(slots=True)
class CartLine:
    """Units of an item in a cart.

    `price` is of one unit, in minor units of the cart's currency; a line that is `saved` for later is not part of what
    is bought, and has a `currency` of its own. A plain class, not even frozen: every change of a cart makes some.
    """

    sku: Annotated[str, Field(description="The item, by the shop's own number.")]
    units: Annotated[int, Field(ge=1, description="How many.")]
    price: Annotated[int, Field(ge=0, description="Of one unit, in minor units.")]
    saved: Annotated[bool | None, Field(description="True where it is set aside for later.")] = None
    currency: Annotated[str | None, Field(description="Of a line that is set aside: ISO 4217.")] = None


CartLines = Annotated[tuple[CartLine, ...], Field(max_length=MAX_LINES)]
OrderedLines = Annotated[tuple[OrderedLine, ...], Field(max_length=MAX_LINES)]
