"""Records of `orders.feed`, as the shop's systems write them: plain JSON, no headers.

Fields that are not known are passed over, not refused as in the API: whoever writes a feed can't be answered, and one
field more in their records must not stop their orders.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, ConfigDict, Field, ValidationError

from libs.contracts.codec import UnreadableError, data_of, faults
from services.cart.commands import Name
from services.cart.limits import MAX_LINES
from services.cart.purchases import OrderLine, PlaceOrder

Moment = Annotated[AwareDatetime, Field(strict=False)]


class FeedLine(OrderLine):
    """What was bought, as in the API."""

    model_config = ConfigDict(extra="ignore")


class Placed(PlaceOrder):
    """An order was placed at `occurred_at`, by the shop's clock; the rest is as in `POST /orders`."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["placed"]
    store_id: Name
    occurred_at: Moment
    lines: list[FeedLine] = Field(default_factory=list, max_length=MAX_LINES)  # type: ignore[assignment]  # never appended to

    def order(self) -> PlaceOrder:
        """The order as the API would have taken it."""
        return PlaceOrder.model_validate_json(self.model_dump_json(include=set(PlaceOrder.model_fields)))


def read_order_record(value: bytes | None) -> Placed:
    """What a record of `orders.feed` says. Raises `UnreadableError` with a reason that names no values."""
    if data_of(value).get("type") != "placed":
        raise UnreadableError("type: not one of placed")
    try:
        return Placed.model_validate_json(value or b"")
    except ValidationError as error:
        raise UnreadableError(faults(error)) from None
