"""What became of orders."""

from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.contracts.events.base import Event, Minor, OrderId, StoreId
from libs.contracts.events.lines import OrderedLines
from libs.contracts.topics import CART_EVENTS


class OrderEvent(Event):
    """Something happened to an order at `happened_at`, by the shop's clock; `occurred_at` is when it was told to us.

    `goods` are the units by sku to which it happened, empty for all of the order. `status` is the order's after all
    that is known, so that a reader of the newest event alone knows the order: placed, payment_failed, shipped,
    delivered, cancelled or returned. `mismatch` (status or quantity) says that it can't be: whoever acts on it should
    look first.
    """

    topic: ClassVar[str] = CART_EVENTS.name

    order_id: OrderId
    store_id: StoreId
    customer_id: str | None = Field(default=None, description="Who ordered, if that is known.")
    cart_id: UUID | None = Field(default=None, description="The cart that led to it, if one did.")
    happened_at: AwareDatetime = Field(description="When it happened, by the shop's clock.")
    goods: dict[str, int] = Field(default_factory=dict, description="To what: sku to units; empty for all of it.")
    status: str = Field(
        description="Of the order now: `placed`, `payment_failed`, `shipped`, `delivered`, `cancelled` or `returned`."
    )
    mismatch: str | None = Field(default=None, description="What of it can't be, `status` or `quantity`: look first.")
    reopened: tuple[UUID, ...] | None = Field(default=None, description="The carts in which its goods are again.")
    currency: str | None = Field(default=None, description="Of `total`: ISO 4217.")
    total: Minor | None = Field(
        default=None,
        description="What the order costs, in minor units, less what was cancelled or returned of it so far, "
        "where the prices of that are known.",
    )
    lines: OrderedLines | None = Field(default=None, description="What was bought at first, where the order said it.")
    channel: str | None = Field(default=None, description="A word of the shop for where it was placed, such as `pos`.")
    placed_at: AwareDatetime | None = Field(default=None, description="When it was placed, by the shop's clock.")

    def key(self) -> str:
        """As of the order's `order.placed`: one order, one partition."""
        return str(self.cart_id or self.customer_id or self.order_id)

    def subject(self) -> str:
        """The order: its key may be of its cart or its customer."""
        return self.order_id


class OrderCancelled(OrderEvent):
    """An order, or some of it, will not be sent. Carts that it closed stay closed; `reopened` has their goods again."""

    type: ClassVar[str] = "order.cancelled"


class OrderPaymentFailed(OrderEvent):
    """An order was not paid. It may be paid yet; `reopened` has its goods until then."""

    type: ClassVar[str] = "order.payment_failed"


class OrderReturned(OrderEvent):
    """An order, or some of it, has come back."""

    type: ClassVar[str] = "order.returned"


class OrderShipped(OrderEvent):
    """An order, or some of it, is on its way."""

    type: ClassVar[str] = "order.shipped"

    tracking_url: str | None = Field(default=None, description="Where it is followed: a URL of the web.")


class OrderDelivered(OrderEvent):
    """An order, or some of it, has arrived."""

    type: ClassVar[str] = "order.delivered"
