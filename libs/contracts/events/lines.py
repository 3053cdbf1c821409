"""Lines as events tell them: what a reader needs to know of goods, and no more."""

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


OrderedLines = Annotated[tuple[OrderedLine, ...], Field(max_length=MAX_LINES)]
