"""Records of `orders.feed`, as the shop's systems write them: plain JSON, no headers.

Fields that are not known are passed over, not refused as in the API: whoever writes a feed can't be answered, and one
field more in their records must not stop their orders.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from libs.contracts.codec import UnreadableError, data_of, faults
from services.cart.domain.commands import Name
from services.cart.domain.instants import Instant
from services.cart.domain.limits import MAX_LINES
from services.cart.domain.orders.commands import OrderLine, PlaceOrder, UpdatedLine, UpdateOrder, UpdateType

_TOLERANT = ConfigDict(extra="ignore")


class PlacedLine(OrderLine):
    """What was bought, as in the API."""

    model_config = _TOLERANT


class Placed(PlaceOrder):
    """An order was placed at `occurred_at`, by the shop's clock; the rest is as in `POST /orders`."""

    model_config = _TOLERANT

    type: Literal["placed"]
    store_id: Name
    occurred_at: Instant
    lines: list[PlacedLine] = Field(default_factory=list, max_length=MAX_LINES)  # type: ignore[assignment]  # frozen

    def order(self) -> PlaceOrder:
        """The order as the API would have taken it."""
        given = self if self.placed_at else self.model_copy(update={"placed_at": self.occurred_at})
        return PlaceOrder.model_validate_json(given.model_dump_json(include=set(PlaceOrder.model_fields)))


class HappenedLine(UpdatedLine):
    """Units to which it happened, as in the API."""

    model_config = _TOLERANT


class Happened(UpdateOrder):
    """Something became of an order at `occurred_at`; the rest is as in `POST /orders/{order_id}/events`."""

    model_config = _TOLERANT

    type: UpdateType
    store_id: Name
    order_id: Name
    occurred_at: Instant
    lines: list[HappenedLine] = Field(default_factory=list, max_length=MAX_LINES)  # type: ignore[assignment]  # frozen


OrderRecord: TypeAlias = Placed | Happened
_KINDS: dict[Any, type[OrderRecord]] = {
    "placed": Placed,
    "cancelled": Happened,
    "payment_failed": Happened,
    "returned": Happened,
    "shipped": Happened,
    "delivered": Happened,
}


def order_record_schema() -> dict[str, Any]:
    """JSON Schema of the records of `orders.feed`."""
    kinds: TypeAdapter[Any] = TypeAdapter(Annotated[Placed | Happened, Field(discriminator="type")])
    return kinds.json_schema()


def read_order_record(value: bytes | None) -> OrderRecord:
    """What a record of `orders.feed` says. Raises `UnreadableError` with a reason that names no values."""
    kind = data_of(value).get("type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise UnreadableError(f"type: not one of {', '.join(_KINDS)}")
    try:
        return _KINDS[kind].model_validate_json(value or b"")
    except ValidationError as error:
        raise UnreadableError(faults(error)) from None
